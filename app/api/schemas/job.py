"""The wire forms of jobs."""

from marshmallow import Schema, fields, validate

from app.api.schemas.instant import InstantField
from app.domain.jobs import JobKind, JobState, StepState

SEARCH = "Words that must occur in the kind, node, host, message, or the name of who asked"


class JobListQuerySchema(Schema):
    """Which jobs, newest first."""

    q = fields.String(load_default="", validate=validate.Length(max=200), metadata={"description": SEARCH})
    kind = fields.String(load_default=None, validate=validate.OneOf(list(JobKind)))
    state = fields.String(load_default=None, validate=validate.OneOf(list(JobState)))
    node = fields.String(load_default=None, validate=validate.Length(max=64))
    parent = fields.UUID(load_default=None)
    before = InstantField(load_default=None, metadata={"description": "`nextBefore` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class StepSchema(Schema):
    """One step of a job."""

    name = fields.String()
    title = fields.String()
    state = fields.String(validate=validate.OneOf(list(StepState)))
    message = fields.String()
    startedAt = fields.String(allow_none=True)  # noqa: N815
    finishedAt = fields.String(allow_none=True)  # noqa: N815


class JobSchema(Schema):
    """A job as it is now."""

    id = fields.UUID()
    kind = fields.String(validate=validate.OneOf(list(JobKind)))
    state = fields.String(validate=validate.OneOf(list(JobState)))
    nodeId = fields.String(allow_none=True)  # noqa: N815
    host = fields.String(allow_none=True)
    askedBy = fields.String()  # noqa: N815
    createdAt = fields.String()  # noqa: N815
    startedAt = fields.String(allow_none=True)  # noqa: N815
    finishedAt = fields.String(allow_none=True)  # noqa: N815
    cancelAsked = fields.Boolean()  # noqa: N815
    code = fields.String(allow_none=True)
    message = fields.String(allow_none=True)
    advice = fields.String()
    result = fields.Dict()
    parentId = fields.UUID(allow_none=True)  # noqa: N815
    attempt = fields.Integer()
    logLines = fields.Integer()  # noqa: N815
    logDropped = fields.Integer()  # noqa: N815
    steps = fields.List(fields.Nested(StepSchema))


class JobListSchema(Schema):
    """Some jobs, newest first."""

    jobs = fields.List(fields.Nested(JobSchema))
    nextBefore = fields.String(allow_none=True)  # noqa: N815


class LogQuerySchema(Schema):
    """From which line on."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=1000, validate=validate.Range(1, 5000))


class LogLineSchema(Schema):
    """One line of a log."""

    number = fields.Integer()
    at = fields.String()
    step = fields.String()
    text = fields.String()


class LogSchema(Schema):
    """Lines of a log, oldest first, and the number of the newest line there is."""

    lines = fields.List(fields.Nested(LogLineSchema))
    last = fields.Integer()


class CancelSchema(Schema):
    """The end of the job was asked for."""

    ok = fields.Boolean()
