"""The wire forms of jobs."""

from marshmallow import Schema, fields, validate

from app.api.schemas.instant import InstantField
from app.domain.jobs import JobKind, JobState, StepState

SEARCH = "Words that must occur in the kind, node, host, message, or the name of who asked"


class JobListQuerySchema(Schema):
    """Which jobs, newest first."""

    q = fields.String(load_default="", validate=validate.Length(max=200), metadata={"description": SEARCH})
    kind = fields.String(load_default=None, validate=validate.OneOf(list(JobKind)))
    state = fields.String(
        load_default=None, validate=validate.OneOf([*JobState, "open"]), metadata={"description": "`open`: not ended"}
    )
    node = fields.String(load_default=None, validate=validate.Length(max=64))
    agent = fields.String(load_default=None, validate=validate.Length(max=128))
    parent = fields.UUID(load_default=None, metadata={"description": "The parts of this job"})
    whole = fields.Boolean(load_default=False, metadata={"description": "Leave out what is part of another job"})
    before = InstantField(load_default=None, metadata={"description": "`nextBefore` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class StepSchema(Schema):
    """One step of a job."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(validate=validate.OneOf(list(StepState)), required=True)
    message = fields.String(required=True)
    startedAt = fields.String(allow_none=True, required=True)  # noqa: N815
    finishedAt = fields.String(allow_none=True, required=True)  # noqa: N815


class JumpHostSchema(Schema):
    """The jump host of a deploy."""

    host = fields.String(required=True)
    port = fields.Integer(required=True)
    user = fields.String(required=True)
    fingerprint = fields.String(required=True)


class TargetSchema(Schema):
    """What a job was asked to do, as far as its kind says it; enough to ask again, but for what proves the user."""

    port = fields.Integer()
    user = fields.String()
    name = fields.String()
    fingerprint = fields.String()
    workerHost = fields.String()  # noqa: N815
    nodePort = fields.Integer()  # noqa: N815
    capabilities = fields.List(fields.String())
    version = fields.String(metadata={"description": "The daemon's, of an upgrade"})
    origin = fields.String(metadata={"description": "`script`: a person ran it on the machine"})
    action = fields.String(metadata={"description": "What is done with several agents"})
    from_node = fields.String(data_key="from", allow_none=True, metadata={"description": "Where an agent moves from"})
    to_node = fields.String(data_key="to", metadata={"description": "Where it moves to"})
    agents = fields.List(fields.String(), metadata={"description": "Their ids"})
    bastion = fields.Nested(JumpHostSchema, allow_none=True)
    runtime = fields.String(metadata={"description": "Where the runtime of a deploy comes from"})


class PartCountsSchema(Schema):
    """How many parts of a job are in which state."""

    total = fields.Integer(required=True)
    queued = fields.Integer(required=True)
    running = fields.Integer(required=True)
    succeeded = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)


class PartSchema(Schema):
    """One part of a job that stands for many; a job of its own under its id."""

    id = fields.UUID(required=True)
    nodeId = fields.String(allow_none=True, required=True)  # noqa: N815
    agentId = fields.String(allow_none=True, required=True)  # noqa: N815
    host = fields.String(allow_none=True, required=True)
    target = fields.Nested(TargetSchema, required=True)
    state = fields.String(validate=validate.OneOf(list(JobState)), required=True)
    code = fields.String(allow_none=True, required=True)
    message = fields.String(allow_none=True, required=True)
    advice = fields.String(required=True)
    startedAt = fields.String(allow_none=True, required=True)  # noqa: N815
    finishedAt = fields.String(allow_none=True, required=True)  # noqa: N815
    step = fields.String(required=True, metadata={"description": "The title of the step that runs or failed"})
    stepsOver = fields.Integer(required=True)  # noqa: N815
    steps = fields.Integer(required=True)


class JobSchema(Schema):
    """A job as it is now. In a list its steps are missing once it has ended, and its parts are only counted."""

    id = fields.UUID(required=True)
    kind = fields.String(validate=validate.OneOf(list(JobKind)), required=True)
    state = fields.String(validate=validate.OneOf(list(JobState)), required=True)
    nodeId = fields.String(allow_none=True, required=True)  # noqa: N815
    agentId = fields.String(allow_none=True, required=True)  # noqa: N815
    host = fields.String(allow_none=True, required=True)
    about = fields.String(
        allow_none=True, required=True, metadata={"description": "What a job that stands for many is about"}
    )
    target = fields.Nested(TargetSchema, required=True)
    askedBy = fields.String(required=True)  # noqa: N815
    createdAt = fields.String(required=True)  # noqa: N815
    startedAt = fields.String(allow_none=True, required=True)  # noqa: N815
    finishedAt = fields.String(allow_none=True, required=True)  # noqa: N815
    cancelAsked = fields.Boolean(required=True)  # noqa: N815
    code = fields.String(allow_none=True, required=True)
    message = fields.String(allow_none=True, required=True)
    advice = fields.String(required=True)
    result = fields.Dict(required=True)
    parentId = fields.UUID(allow_none=True, required=True)  # noqa: N815
    attempt = fields.Integer(required=True)
    logLines = fields.Integer(required=True)  # noqa: N815
    logDropped = fields.Integer(required=True)  # noqa: N815
    steps = fields.List(fields.Nested(StepSchema), required=True)
    parts = fields.Nested(
        PartCountsSchema, allow_none=True, required=True, metadata={"description": "Only of a job that stands for many"}
    )
    children = fields.List(fields.Nested(PartSchema), required=True)


class JobListSchema(Schema):
    """Some jobs, newest first."""

    jobs = fields.List(fields.Nested(JobSchema), required=True)
    nextBefore = fields.String(allow_none=True, required=True)  # noqa: N815


class LogQuerySchema(Schema):
    """From which line on, and which lines."""

    q = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "Only lines that contain this, in any case, terminal colours left out"},
    )
    level = fields.String(
        load_default=None,
        validate=validate.OneOf(["error"]),
        metadata={"description": "Only lines that read like errors"},
    )
    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=1000, validate=validate.Range(1, 5000))


class LogLineSchema(Schema):
    """One line of a log."""

    number = fields.Integer(required=True)
    at = fields.String(required=True)
    step = fields.String(required=True)
    text = fields.String(required=True)


class LogSchema(Schema):
    """Lines of a log, oldest first."""

    lines = fields.List(fields.Nested(LogLineSchema), required=True)
    last = fields.Integer(required=True, metadata={"description": "The number of the newest line there is."})
    matched = fields.Integer(
        required=True, metadata={"description": "How many lines there are, or were found, in all of the log."}
    )


class CancelSchema(Schema):
    """The end of the job was asked for."""

    ok = fields.Boolean()
