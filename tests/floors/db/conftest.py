"""An installation that is not even migrated."""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest

from crowdcore.settings import Settings
from tests.conftest import ON_POSTGRES, create_postgres_database


@pytest.fixture
async def fresh(tmp_path, request):
    """Settings of an installation whose database is empty: not even migrated."""
    url = ""
    if ON_POSTGRES:
        base = urlsplit(request.getfixturevalue("postgres_server"))
        name = f"migrate_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        await create_postgres_database(urlunsplit(base), name)
        url = urlunsplit(base._replace(path=f"/{name}"))
    return Settings(var_dir=tmp_path / "var", database_url=url, secret="test")
