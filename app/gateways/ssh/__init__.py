"""Work on other machines over SSH. The only folder that imports paramiko or knows its exceptions."""

from app.gateways.ssh.connection import probe_host_key
from app.gateways.ssh.keys import read_private_key
from app.gateways.ssh.shell import Input, LineReader, Ran, Shell, shell

__all__ = ["Input", "LineReader", "Ran", "Shell", "probe_host_key", "read_private_key", "shell"]
