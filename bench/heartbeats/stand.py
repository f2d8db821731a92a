"""What every measurement stands on: the servers, the generator's loop, and where results go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.heartbeats import fleet
from bench.heartbeats.loop import Loop
from bench.heartbeats.observed import Results
from bench.heartbeats.plan import Plan
from bench.heartbeats.posters import ClosedLoop
from bench.heartbeats.servers import WebServer
from bench.heartbeats.usage import Meter
from bench.heartbeats.viewers import Crowd
from standalone.embedded import EmbeddedServers


@dataclass
class Stand:
    """Everything that a measurement needs."""

    plan: Plan
    servers: EmbeddedServers
    web_core: int
    generator_core: int
    baseline: WebServer
    results: Results
    loop: Loop
    say: Callable[[str], None]

    @contextmanager
    def ours(self, nodes: int, identity: bool = False) -> Iterator[WebServer]:
        """Our web process, started anew, on a fleet of that size."""
        fleet.resize(self.servers, nodes)
        name = "ours-identity" if identity else "ours"
        web = WebServer(name, "wsgi:app", self.servers, self.web_core, identity)
        web.start()
        try:
            # A young process is slower: its code is not specialised yet and its memory still grows.
            clients = ClosedLoop(self.loop, web.port, fleet.beats(nodes, nodes, identity=identity), keep=True)
            clients.run(self.plan.youth)
            clients.close()
            yield web
        finally:
            web.stop()

    def meter(self, web: WebServer) -> Meter:
        """The clocks of a web server."""
        return Meter(web.worker, self.web_core, self.generator_core)

    def crowd(self, web: WebServer, view: str, nodes: int) -> Crowd:
        """Nobody yet, ready to grow."""
        poke = ClosedLoop(self.loop, web.port, fleet.beats(nodes, 1), keep=True, clients=1)
        return Crowd(self.loop, web.port, view, lambda: poke.run(0.05))
