"""Flask commands for those who run the control plane."""

import sys

import click
from flask import Flask, current_app

from app.domain.errors import NotConfigured, UserNotFound
from app.domain.identity import actor
from app.domain.identity.audit import BEGINNING
from app.domain.identity.joining import NAME_PATTERN
from app.domain.identity.person import NAME
from app.extensions import settings
from app.gateways import leadership, task_queue
from app.services import audit_log
from app.services.admission import join_tokens
from app.services.agents import environment
from app.services.people import admins, second_factor
from app.services.people.links import Link

BEAT = (sys.executable, "-m", "celery", "-A", "celery_worker", "beat", "--loglevel", "INFO")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(beat)
    app.cli.add_command(join_token)
    app.cli.add_command(verify_audit)
    app.cli.add_command(create_admin)
    app.cli.add_command(sign_in_link)
    app.cli.add_command(reseal)


@click.command()
def beat() -> None:
    """Run Celery beat, as the only one: a second one waits until the first is gone."""
    url = current_app.extensions["settings"].database_url
    leadership.run_as_leader(url, BEAT, on_start=task_queue.send_check)


@click.command("join-token")
@click.option("--node-id", default="*", help="The node id it is for, or a pattern such as gpu-*.")
@click.option("--uses", default=1, type=click.IntRange(1, 1000), help="How many machines may join with it.")
@click.option("--minutes", default=15, type=click.IntRange(1, 1440), help="How long it counts.")
@click.option("--replace", is_flag=True, help="It may take the place of the node that --node-id names.")
def join_token(node_id: str, uses: int, minutes: int, replace: bool) -> None:
    """Make a join token and print it, for scripts."""
    if not NAME_PATTERN.fullmatch(node_id) or (replace and set("*?") & set(node_id)):
        raise click.UsageError("--node-id is a node id or a pattern of one; with --replace it names one node")
    wanted = join_tokens.Wanted(node_id, uses=uses, expires_in_minutes=minutes, note="command line", replace=replace)
    _, made = join_tokens.create(actor.SYSTEM, wanted)
    click.echo(made)


@click.command()
@click.option("--expect", metavar="HASH", default=BEGINNING.hex(), help="The last hash that an earlier check printed.")
def verify_audit(expect: str) -> None:
    """Check that nobody changed the audit log, or, with --expect, cut off its end."""
    try:
        verdict = audit_log.verify(bytes.fromhex(expect))
    except ValueError as fault:
        raise click.BadParameter("a hash has 64 hexadecimal digits", param_hint="--expect") from fault
    if verdict.broken is not None:
        raise click.ClickException(f"entry {verdict.broken} does not follow from the {verdict.entries} before it")
    if not verdict.reached:
        raise click.ClickException(f"no entry has the hash {expect}: the end was cut off, or all was written anew")
    click.echo(f"{verdict.entries} entries, the chain is whole")
    click.echo(f"last hash: {verdict.head.hex()} (note it elsewhere, for --expect)")


@click.command("create-admin")
@click.option("--name", help="Default: the first admin, or a new one called admin.")
def create_admin(name: str | None) -> None:
    """Make or find an admin, and print a link that signs in once, within 15 minutes."""
    if name is not None and not NAME.fullmatch(name):
        raise click.UsageError("--name has 1-64 letters, digits and . _ @ + -, beginning with a letter or digit")
    _print_link(*admins.make_or_find_admin(name))


@click.command("sign-in-link")
@click.argument("name")
@click.option("--reset", is_flag=True, help="Forget the password and the second factor; the person sets new ones.")
def sign_in_link(name: str, reset: bool) -> None:
    """Print a link that signs NAME in once, within 15 minutes."""
    try:
        _print_link(*admins.let_in(name, reset=reset))
    except UserNotFound:
        raise click.ClickException(f"there is no user called {name}") from None


@click.command()
def reseal() -> None:
    """Seal with SECRET_KEY what FORMER_SECRET_KEY has sealed; afterwards nothing needs the former one."""
    try:
        count = second_factor.reseal(actor.SYSTEM) + environment.reseal(actor.SYSTEM)
    except NotConfigured as failure:
        raise click.ClickException(str(failure)) from failure
    click.echo(f"{count} secrets are sealed with the present SECRET_KEY")


def _print_link(name: str, link: Link) -> None:
    """The link alone on the standard output, so that a script can take it."""
    click.echo(f"This signs {name} in, once, within 15 minutes:", err=True)
    click.echo(f"{settings().own_url}{link.path}")
