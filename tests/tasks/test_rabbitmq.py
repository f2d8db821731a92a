"""Celery's messages may travel by RabbitMQ; Redis then carries the live events alone."""

from pathlib import Path

import pytest

from config import Settings
from tests.fleet import until
from tests.gateways.neighbours import answering, neighbour
from tests.journeys.conftest import a_database, make_plane
from tests.journeys.control_plane import QUICK
from tests.kit import rabbitmq
from tests.kit.rabbitmq import RabbitMq


@pytest.mark.long
@pytest.mark.skipif(bool(rabbitmq.obstacle()), reason=rabbitmq.obstacle())
def test_jobs_travel_by_rabbitmq_and_go_on_after_it_was_killed(tmp_path: Path, settings: Settings) -> None:
    with RabbitMq(tmp_path / "rabbit") as broker, a_database(settings, "rabbitmq") as database_url:
        plane = make_plane(tmp_path, settings, database_url, {**QUICK, "BROKER_URL": broker.url})
        try:
            plane.start()
            with neighbour(answering("200 OK", '{"agentId": "a-1"}')) as server:
                address = {"host": "127.0.0.1", "port": server.port}
                assert plane.post("/test-connection", address)[1]["success"] is True

                broker.kill()
                assert plane.post("/register", {"nodeId": "n-1", "host": "127.0.0.1", "port": 3101})[0] == 200
                assert plane.post("/heartbeat/n-1", {"cpuUsage": 0.1})[0] == 200
                broker.start()

                until(lambda: plane.post("/test-connection", address)[1].get("success") is True, 60)
        finally:
            plane.stop()
