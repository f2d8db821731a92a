"""How the control plane itself is, on the wire."""

from marshmallow import Schema, fields


class NeighbourSchema(Schema):
    """A server that we stand on."""

    ok = fields.Boolean(required=True)
    ms = fields.Float(allow_none=True, metadata={"description": "Time of one question and its answer."})
    version = fields.String(allow_none=True)


class CeleryWorkerSchema(Schema):
    """A Celery worker, as it said itself."""

    workerId = fields.String()  # noqa: N815
    ok = fields.Boolean(metadata={"description": "Heard of lately."})
    startedAt = fields.String()  # noqa: N815
    seenAt = fields.String()  # noqa: N815
    lastTaskAt = fields.String(allow_none=True)  # noqa: N815


class CelerySchema(Schema):
    """The Celery workers."""

    ok = fields.Boolean(required=True)
    workers = fields.Integer(metadata={"description": "How many were heard of lately."})
    lastTaskAt = fields.String(allow_none=True)  # noqa: N815
    processes = fields.List(fields.Nested(CeleryWorkerSchema))


class BeatSchema(Schema):
    """The stale check: it takes beat, Redis, a Celery worker and the database."""

    ok = fields.Boolean(required=True)
    lastTick = fields.String(allow_none=True)  # noqa: N815
    agoSeconds = fields.Float(allow_none=True)  # noqa: N815


class StreamsProcessSchema(Schema):
    """The open streams of one web process."""

    processId = fields.String()  # noqa: N815
    clients = fields.Integer()


class StreamsSchema(Schema):
    """The open streams."""

    clients = fields.Integer()
    processes = fields.List(fields.Nested(StreamsProcessSchema))


class BeatsSchema(Schema):
    """Heartbeats over the last minute; null is that there was none."""

    perSecond = fields.Float()  # noqa: N815
    batchSize = fields.Float(allow_none=True, metadata={"description": "Mean of a group commit."})  # noqa: N815
    lagMs = fields.Float(allow_none=True, metadata={"description": "Mean wait for the commit."})  # noqa: N815


class WebProcessSchema(Schema):
    """A web process."""

    processId = fields.String()  # noqa: N815
    ok = fields.Boolean(metadata={"description": "It could accept a heartbeat lately."})
    startedAt = fields.String()  # noqa: N815
    acceptingAt = fields.String()  # noqa: N815


class ControlPlaneHealthSchema(Schema):
    """How the control plane is. `missing` has a sentence for each part that is not well."""

    missing = fields.List(fields.String(), required=True)
    database = fields.Nested(NeighbourSchema, required=True)
    redis = fields.Nested(NeighbourSchema, required=True)
    celery = fields.Nested(CelerySchema, required=True)
    beat = fields.Nested(BeatSchema, required=True)
    streams = fields.Nested(StreamsSchema, required=True)
    heartbeats = fields.Nested(BeatsSchema, required=True)
    processes = fields.List(fields.Nested(WebProcessSchema), required=True)
    version = fields.String(required=True)
    build = fields.String(required=True)
    schema = fields.String(required=True)
