"""For each route that changes something: a call that is accepted. A new one adds its own here or in IDENTITY_CALLS."""

from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import uuid4

from flask import Flask

from app.domain.agents.spec import AgentSpec
from app.domain.deploying.request import DeployOrder
from app.domain.deploying.setup import Origin
from app.domain.deploying.ssh import Login
from app.domain.identity.actor import SYSTEM
from app.domain.nodes.heartbeat import parse
from app.services import agents, deploying, heartbeats, jobs, lifecycle, setup
from app.services.agents import braking, waiting
from tests.fleet import CLUSTER, Fleet
from tests.identity.call import Call, Maker, about_a_node, change_settings, plain
from tests.identity.identity_calls import IDENTITY_CALLS
from tests.people import bearer, credential

ADDRESS = {"host": "127.0.0.1", "port": 3101}

# Routes that leave no row, and why.
NOT_AUDITED = {
    "heartbeats.heartbeat": "every node sends one every 30 s; what it changes is in the node's timeline",
    "agents.agent_status": "every agent sends one every 30 s; only its newest is kept",
    "agent-logs.take_lines": "a node sends one every second while somebody watches; who asked for it is in the log",
    "waiting.say": "as often as an agent wants to; only its newest words are kept",
    "flower.table": "asks by POST and changes nothing: tests/dashboard/test_flower.py",
    "deploying.host_keys": "as the one below",
    "deploying.machines": "reads a list and changes nothing",
    "deploying.host_key": "looks at an SSH server, which must be there: tests/deploying/test_host_keys.py",
}


def cancel(_app: Flask, fleet: Fleet) -> Call:
    fleet.add("node-1")
    return Call(f"{CLUSTER}/jobs/{jobs.request_ping('node-1', SYSTEM)}/cancel")


def deploy(app: Flask, _fleet: Fleet) -> Call:
    change_settings(app, secret_key="k" * 32)
    said = {"host": f"host-{uuid4().hex[:8]}", "fingerprint": "SHA256:" + "A" * 43, "password": "open sesame"}
    return Call(f"{CLUSTER}/deploy-via-ssh", said)


def retry(app: Flask, _fleet: Fleet) -> Call:
    change_settings(app, secret_key="k" * 32)
    login = Login(password="open sesame")
    order = DeployOrder(f"host-{uuid4().hex[:8]}", "root", "SHA256:" + "A" * 43, f"node-{uuid4().hex[:8]}")
    job_id = deploying.request_deploy(order, login, "http://127.0.0.1", SYSTEM)
    jobs.cancel(job_id, SYSTEM)
    return Call(f"{CLUSTER}/jobs/{job_id}/retry", {"password": "open sesame"})


def managed_node(after: str) -> Maker:
    """About a node whose daemon says that it is of another build."""

    def make(app: Flask, fleet: Fleet) -> Call:
        node_id = f"node-{uuid4().hex[:8]}"
        with NamedTemporaryFile(suffix=".pyz", delete=False) as program:
            program.write(b"a newer build")
        change_settings(app, worker_program=Path(program.name))
        fleet.add(node_id, managed=True, metadata={"build": "older"})
        return Call(f"{CLUSTER}/nodes/{node_id}/{after}")

    return make


def upgrade_many(app: Flask, fleet: Fleet) -> Call:
    node_id = managed_node("upgrade")(app, fleet).path.split("/")[-2]
    return Call(f"{CLUSTER}/upgrades", {"nodes": [node_id]})


def uninstalled(app: Flask, fleet: Fleet) -> Call:
    call = managed_node("uninstalled")(app, fleet)
    node_id = call.path.split("/")[-2]
    lifecycle.request_uninstall(node_id, SYSTEM)
    return replace(call, headers=bearer(credential(node_id)))


def receipt(app: Flask, fleet: Fleet) -> Call:
    managed_node("x")(app, fleet)
    order = DeployOrder("localhost", "", "", f"node-{uuid4().hex[:8]}")
    made = setup.request_setup(order, SYSTEM, "http://127.0.0.1", minutes=5, replace=False, origin=Origin.SCRIPT)
    return Call(f"{CLUSTER}/setup/receipt?offset=0", {}, bearer(made.secret))


def setup_for(after: str) -> Maker:
    def make(app: Flask, fleet: Fleet) -> Call:
        managed_node("x")(app, fleet)
        return Call(f"{CLUSTER}/setups{after}", {"nodeId": f"node-{uuid4().hex[:8]}"})

    return make


def about_an_agent(after: str = "", seen_only: bool = False) -> Maker:
    def make(_app: Flask, fleet: Fleet) -> Call:
        agent_id = f"agent-{uuid4().hex[:8]}"
        fleet.add("node-1", managed=True)
        told = parse({"scope": "node", "agents": [agent_id], "assignments": 0})
        heartbeats.accept("node-1", told, credential("node-1"))
        if not seen_only:
            agents.register(SYSTEM, AgentSpec(agent_id))
        return Call(f"{CLUSTER}/agents/{agent_id}{after}")

    return make


def movable_agent(app: Flask, fleet: Fleet) -> Call:
    call = about_an_agent("/move")(app, fleet)
    fleet.add("node-2", managed=True)
    heartbeats.accept("node-2", parse({"assignments": 0}), credential("node-2"))
    return call


def restart_all(app: Flask, fleet: Fleet) -> Call:
    about_an_agent()(app, fleet)
    return Call(f"{CLUSTER}/agents/actions", {"action": "restart", "nodeId": "node-1"})


def taking_node(after: str) -> Maker:
    """About a node of its own that takes agents: it is cordoned afterwards."""

    def make(_app: Flask, fleet: Fleet) -> Call:
        node_id = f"node-{uuid4().hex[:8]}"
        fleet.add(node_id, managed=True)
        heartbeats.accept(node_id, parse({"assignments": 0}), credential(node_id))
        return Call(f"{CLUSTER}/nodes/{node_id}{after}")

    return make


def brake_that_is_on(_app: Flask, _fleet: Fleet) -> Call:
    braking.brake(SYSTEM, None, "")
    return Call(f"{CLUSTER}/brake")


def question(after: str = "", **said: Any) -> Maker:
    def make(_app: Flask, fleet: Fleet) -> Call:
        node_id = f"node-{uuid4().hex[:8]}"
        fleet.add(node_id, managed=True)
        told = {"question": "May I?", "since": "2026-11-24T10:00:00Z"}
        beat = {"scope": "node", "agents": ["a"], "agentDetails": [{"agentId": "a", "waiting": told}]}
        heartbeats.accept(node_id, parse(beat), credential(node_id))
        [asked] = [one for one in waiting.list_waiting() if one.node_id == node_id]
        return Call(f"{CLUSTER}/waiting/{asked.id}{after}", said)

    return make


def new_agent(app: Flask, fleet: Fleet) -> Call:
    about_an_agent(seen_only=True)(app, fleet)
    return Call(f"{CLUSTER}/agents", {"agentId": f"agent-{uuid4().hex[:8]}"})


# By endpoint and verb.
CALLS: dict[tuple[str, str], Maker] = {
    ("nodes.register", "POST"): plain(f"{CLUSTER}/register", nodeId="node-1", manual=True, **ADDRESS),
    ("nodes.remove_node", "DELETE"): about_a_node(),
    ("connections.test_connection", "POST"): plain(f"{CLUSTER}/test-connection", **ADDRESS),
    ("connections.ping", "POST"): about_a_node(after="/ping"),
    ("connections.restart", "POST"): about_a_node(after="/restart"),
    ("jobs.cancel", "POST"): cancel,
    ("setup.prepare", "POST"): setup_for(""),
    ("setup.bundle", "POST"): setup_for("/bundle"),
    ("setup.receipt", "POST"): receipt,
    ("lifecycle.upgrade", "POST"): managed_node("upgrade"),
    ("lifecycle.upgrade_many", "POST"): upgrade_many,
    ("lifecycle.uninstall", "POST"): managed_node("uninstall"),
    ("lifecycle.uninstalled", "POST"): uninstalled,
    ("draining.cordon", "POST"): taking_node("/cordon"),
    ("draining.drain", "POST"): taking_node("/drain"),
    ("draining.uncordon", "DELETE"): about_a_node(after="/cordon"),
    ("deploying.deploy_via_ssh", "POST"): deploy,
    ("deploying.retry", "POST"): retry,
    ("registering.register", "POST"): new_agent,
    ("registering.change", "PATCH"): about_an_agent(),
    ("registering.remove", "DELETE"): about_an_agent(),
    ("acting.start", "POST"): about_an_agent("/start"),
    ("acting.stop", "POST"): about_an_agent("/stop"),
    ("acting.restart", "POST"): about_an_agent("/restart"),
    ("acting.move", "POST"): movable_agent,
    ("agent-logs.ask_for_log", "POST"): about_an_agent("/logs"),
    ("acting.act_on_many", "POST"): restart_all,
    ("registering.adopt", "POST"): about_an_agent("/adopt", seen_only=True),
    ("brake.put_on", "PUT"): plain(f"{CLUSTER}/brake", scope="all"),
    ("brake.take_off", "DELETE"): brake_that_is_on,
    ("waiting.answer", "POST"): question("/answer", answer="yes"),
    ("waiting.dismiss", "DELETE"): question(),
    **IDENTITY_CALLS,
}
