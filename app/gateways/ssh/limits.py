"""How long each phase of a connection may take, in seconds."""

CONNECT_SECONDS, GREETING_SECONDS, KEX_SECONDS, LOGIN_SECONDS = 8.0, 8.0, 10.0, 15.0
NOTICED_SECONDS = 0.5  # until the end of a bastion's connection is noticed, once that of a tunnel was
TURN_SECONDS = 120.0
