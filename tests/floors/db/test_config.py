"""Which database is opened, from which address; and nothing is opened from a wrong one."""

from pathlib import Path

import pytest

from crowdcore.base.errors import Fault
from crowdcore.db.config import is_postgres, tortoise_config
from crowdcore.settings import Settings


def credentials(url: str, **more) -> dict:
    connection = tortoise_config(Settings(database_url=url, **more))["connections"]["default"]
    assert connection["engine"] == "tortoise.backends.asyncpg"
    return connection["credentials"]


def test_without_an_address_it_is_a_file():
    connection = tortoise_config(Settings(var_dir=Path("/srv")))["connections"]["default"]
    assert connection == {
        "engine": "crowdcore.db.cc_sqlite",
        "credentials": {"file_path": "/srv/crowdcore.sqlite3"},
    }
    assert not is_postgres(Settings())


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_an_address_of_postgresql_is_taken_apart(scheme):
    found = credentials(f"{scheme}://anna:s%40cret%2F@db.example:5433/crowd?ssl=require", pool_size=7)
    assert {name: found[name] for name in ("host", "port", "user", "password", "database")} == {
        "host": "db.example",
        "port": 5433,
        "user": "anna",
        "password": "s@cret/",
        "database": "crowd",
    }
    assert (found["ssl"], found["maxsize"]) == ("require", 7)


def test_what_an_address_leaves_out_is_usual():
    found = credentials("postgres:///crowd?host=/run/postgresql")
    assert (found["host"], found["port"], found["user"], found["password"]) == ("/run/postgresql", 5432, "", "")
    assert credentials("postgres://anna@/crowd")["host"] == "127.0.0.1"


def test_nobody_waits_for_a_row_for_ever():
    assert credentials("postgres://a@b/c")["server_settings"]["lock_timeout"] == "5s"


@pytest.mark.parametrize("url", ["sqlite://x", "mysql://a@b/c", "x", "postgres"])
def test_another_kind_of_database_is_a_fault(url):
    with pytest.raises(Fault, match="CROWDCORE_DATABASE_URL") as fault:
        tortoise_config(Settings(database_url=url))
    assert "postgres://" in str(fault.value)
