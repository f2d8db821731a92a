"""Connection settings by kind of database and role of process."""

import traceback
from typing import get_args

import psycopg2.extensions
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, make_url

from app.domain.database_url import DatabaseConfig, DatabaseUrlError, Kind, Role, smart_db_config

LOGIN = "user:hush-hush"
ROLES: tuple[Role, ...] = get_args(Role)
URLS: dict[Kind, str] = {
    "supabase_session": f"postgresql://{LOGIN}@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
    "supabase_transaction": f"postgresql://{LOGIN}@aws-0-eu-central-1.pooler.supabase.com:6543/postgres",
    "supabase_direct": f"postgresql://{LOGIN}@db.abcdefghijklmnop.supabase.co:5432/postgres",
    "neon_pooled": f"postgresql://{LOGIN}@ep-cool-sun-123456-pooler.us-east-2.aws.neon.tech/main?sslmode=require",
    "neon_direct": f"postgresql://{LOGIN}@ep-cool-sun-123456.us-east-2.aws.neon.tech/main",
    "heroku": "postgres://abcdefghijklmn:hush-hush@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1a2b3c4d5e6f7",
    "rds": f"postgresql://{LOGIN}@muster.abc123.eu-central-1.rds.amazonaws.com:5432/muster",
    "plain": f"postgresql://{LOGIN}@db:5432/muster",
}
# Per kind: most connections of a web process, recycle seconds, TLS demanded, time limit for web, session kept.
EXPECTED: dict[Kind, tuple[int, int, bool, bool, bool]] = {
    "supabase_session": (5, 240, True, False, True),
    "supabase_transaction": (10, 240, True, False, False),
    "supabase_direct": (10, 1800, True, True, True),
    "neon_pooled": (10, 240, True, False, False),
    "neon_direct": (10, 240, True, True, True),
    "heroku": (5, 240, True, True, True),
    "rds": (10, 1800, True, True, True),
    "plain": (10, 1800, False, True, True),
}
CONNECTIONS: dict[Role, int] = {"worker": 3, "beat": 1, "release": 1}


def connections(config: DatabaseConfig) -> int:
    return config.pool_size + config.max_overflow


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", URLS)
def test_settings_by_kind_and_role(kind: Kind, role: Role) -> None:
    web_connections, recycle, tls, time_limit, keeps_session = EXPECTED[kind]

    config = smart_db_config(URLS[kind], role)

    args = config.connect_args
    said = make_url(config.url).query
    assert config.kind == kind
    assert connections(config) == CONNECTIONS.get(role, web_connections)
    assert config.pool_recycle == recycle
    assert (said.get("sslmode") or args.get("sslmode")) == ("require" if tls else None)
    assert args.get("options") == ("-c statement_timeout=3000" if role == "web" and time_limit else None)
    assert args["application_name"] == f"muster-{role}"
    assert args["connect_timeout"] <= 10
    assert args["keepalives"] == 1
    assert config.direct_needed is (role == "beat" and not keeps_session)
    assert bool(config.advice) is config.direct_needed


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", URLS)
def test_sqlalchemy_and_libpq_both_take_the_settings(kind: Kind, role: Role) -> None:
    config = smart_db_config(URLS[kind], role)

    engine = create_engine(
        config.url,
        pool_size=config.pool_size,
        max_overflow=config.max_overflow,
        pool_recycle=config.pool_recycle,
        connect_args=config.connect_args,
    )
    assert engine.driver == "psycopg2"
    assert engine.url.password == "hush-hush"
    dsn = psycopg2.extensions.make_dsn(config.url.replace("+psycopg2", ""), **config.connect_args)
    assert psycopg2.extensions.parse_dsn(dsn)["password"] == "hush-hush"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (f"postgresql://{LOGIN}@db.abcdefghijklmnop.supabase.co:6543/postgres", "supabase_transaction"),
        (f"postgresql://{LOGIN}@aws-1-us-east-1.pooler.supabase.com/postgres", "supabase_session"),
        (f"postgresql://{LOGIN}@AWS-0-EU.POOLER.SUPABASE.COM:6543/postgres", "supabase_transaction"),
        (f"postgres://{LOGIN}@pooler.supabase.com.example.net:6543/postgres", "plain"),
        (f"postgres://{LOGIN}@my-pooler.neon.example.net/main", "plain"),
        (f"postgres://{LOGIN}@ep-a-pooler.c-2.eu-central-1.aws.neon.tech/main", "neon_pooled"),
        ("postgres://u3l1k2m3n4o5p6:x@c9a.cluster-xyz.eu-west-1.rds.amazonaws.com:5432/d7f8g9h0j1k2l3", "heroku"),
        (f"postgres://{LOGIN}@c9a.cluster-xyz.eu-west-1.rds.amazonaws.com:5432/muster", "rds"),
        (f"postgres://{LOGIN}@ec2-1-2-3-4.compute-1.amazonaws.com:5432/muster", "plain"),
        (f"postgres://{LOGIN}@db.abc.rds.cn-north-1.rds.amazonaws.com.cn/muster", "rds"),
        (f"postgres://{LOGIN}@[::1]:5432/muster", "plain"),
        ("postgresql:///muster", "plain"),
        ("postgresql:///muster?host=/var/run/postgresql", "plain"),
        (f"postgresql+psycopg2://{LOGIN}@127.0.0.1:5432/muster", "plain"),
        (f"  postgresql://{LOGIN}@db/muster\n", "plain"),
    ],
)
def test_databases_are_told_apart_by_their_address(url: str, kind: Kind) -> None:
    config = smart_db_config(url, "web")

    assert config.kind == kind
    assert config.url.startswith("postgresql+psycopg2://")
    assert make_url(config.url).database in ("postgres", "main", "muster", "d7f8g9h0j1k2l3")


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://{LOGIN}@pgbouncer:6432/muster",
        f"postgresql://{LOGIN}@db/muster?pgbouncer=true&connection_limit=1",
    ],
)
def test_a_pooler_of_ones_own_gets_no_options_and_no_lock(url: str) -> None:
    assert "options" not in smart_db_config(url, "web").connect_args
    assert smart_db_config(url, "web").pool_recycle == 240
    assert "use the address of Postgres itself" in smart_db_config(url, "beat").advice


def test_amazons_proxy_gets_no_options_but_holds_the_lock() -> None:
    url = f"postgresql://{LOGIN}@muster.proxy-abc123.eu-central-1.rds.amazonaws.com/muster"

    assert "options" not in smart_db_config(url, "web").connect_args
    assert not smart_db_config(url, "beat").direct_needed


def test_what_the_url_says_wins() -> None:
    url = f"{URLS['rds']}?sslmode=verify-full&application_name=mine&options=-c%20lock_timeout%3D1"

    config = smart_db_config(url, "web")

    assert not {"sslmode", "application_name", "options"} & config.connect_args.keys()
    assert dict(make_url(config.url).query) == {
        "sslmode": "verify-full",
        "application_name": "mine",
        "options": "-c lock_timeout=1",
    }
    assert psycopg2.extensions.parse_dsn(config.url.replace("+psycopg2", ""))["options"] == "-c lock_timeout=1"


def test_words_that_libpq_would_refuse_are_dropped() -> None:
    url = f"{URLS['plain']}?pgbouncer=true&connection_limit=1&schema=public&connect_timeout=7"

    assert dict(make_url(smart_db_config(url, "web").url).query) == {"connect_timeout": "7"}


@given(st.text(st.characters(codec="utf-8", exclude_characters="/?#[]\t\r\n\0"), min_size=1))
def test_a_password_survives_even_where_it_should_have_been_encoded(password: str) -> None:
    try:
        config = smart_db_config(f"postgresql://user:{password}@host/name", "web")
    except DatabaseUrlError:
        return  # looks like no URL at all
    assert make_url(config.url).host == "host"
    assert smart_db_config(config.url, "web") == config


@pytest.mark.parametrize("password", ["a@b", "100%", "p+q", "a:b", "a b", "a&b=c", "%2Fslash", "ünïcode"])
def test_a_strange_password_reaches_postgres_unchanged(password: str) -> None:
    config = smart_db_config(f"postgresql://user:{password}@host/name", "web")

    meant = password.replace("%2F", "/")
    assert make_url(config.url).password == meant
    assert psycopg2.extensions.parse_dsn(config.url.replace("+psycopg2", ""))["password"] == meant


SECRET = "Tr0ub4dor"
REFUSED = [
    ("", "is empty"),
    ("   ", "is empty"),
    (f"sqlite:///{SECRET}.db", "SQLite cannot be used, only PostgreSQL"),
    (f"mysql://user:{SECRET}@host/name", "MySQL cannot be used"),
    (f"mysql+pymysql://user:{SECRET}@host/name", "MySQL cannot be used"),
    (f"redis://user:{SECRET}@host/0", "Redis cannot be used"),
    (SECRET, "must begin with postgresql://"),
    (f"{SECRET}://user@host/name", "must begin with postgresql://"),
    (f"user:{SECRET}@host/name", "must begin with postgresql://"),
    (f"http://user:{SECRET}@host/name", "must begin with postgresql://"),
    (f"'postgresql://user:{SECRET}@host/name'", "must begin with postgresql://"),
    (f"postgresql:user:{SECRET}@host/name", "must begin with postgresql://"),
    (f"postgresql://user:{SECRET}@host", "names no database"),
    (f"postgresql://user:{SECRET}@host/", "names no database"),
    (f"postgresql://user:{SECRET}@host:port/name", "port from 1 to 65535"),
    (f"postgresql://user:{SECRET}@host:0/name", "port from 1 to 65535"),
    (f"postgresql://user:{SECRET}@host:99999/name", "port from 1 to 65535"),
    (f"postgresql://user:{SECRET}@one:1,two:2/name", "one host"),
    (f"postgresql://user:{SECRET}@ho st/name", "one host"),
    (f"postgresql://user:12/{SECRET}@host/name", "percent-encode"),
    (f"postgresql://user:12?{SECRET}@host/name", "percent-encode"),
    (f"postgresql://user:12#{SECRET}@host/name", "percent-encode"),
    (f"postgresql://user:{SECRET}/34@host/name", "percent-encode"),
    (f"postgresql://user:1@2/{SECRET}@host/name", "percent-encode"),
    (f"postgresql://user:1@2/{SECRET}#@host/name", "percent-encode"),
    (f"postgresql://user:1@2/name#{SECRET}", "percent-encode"),
    (f"postgresql://user:[{SECRET}@host/name", "percent-encode"),
    (f"postgresql://user:{SECRET}℀@host/name", "percent-encode"),
]


@pytest.mark.parametrize(("url", "words"), REFUSED)
def test_a_refusal_says_what_is_wrong_and_never_the_password(url: str, words: str) -> None:
    with pytest.raises(DatabaseUrlError) as refusal:
        smart_db_config(url, "web")

    error = refusal.value
    assert words in str(error)
    assert "\n" not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None
    last_line = traceback.format_exception_only(error)[-1]
    assert SECRET.lower() not in f"{error} {error!r} {error.args} {last_line}".lower()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", URLS)
def test_the_settings_never_show_the_password(kind: Kind, role: Role) -> None:
    config = smart_db_config(URLS[kind], role)

    assert "hush-hush" in config.url
    assert "hush-hush" not in f"{config} {config!r} {config.advice} {config.connect_args}"
