"""Real processes that are killed: a server and a worker of one installation.

They are forked from a process that has imported the code and done nothing else, because a process that is
killed fifty times must start cheaply. That `crowdcore serve` and `crowdcore work` start by themselves is
what the demo's tests show.
"""

import faulthandler
import multiprocessing
import os
import random
import signal
import socket
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx2

from crowdcore.settings import Settings

ROOT = Path(__file__).parent.parent.parent

#: Every named place in the code at which a process can be made to end itself.
CRASH_POINTS = (
    "before_commit", "after_commit", "move.after_cas", "move.after_event", "accept.after_assignment",
    "accept.in_group", "wave.after_write", "timer.claimed", "delivery.claimed",
)  # fmt: skip

HOST = "swisscom.localhost"
LAST_WORDS = 4000


def only_swisscom(folder: Path) -> Path:
    """Return a folder of plugins with one portal in it, which opens three times as fast as all."""
    plugins = folder / "plugins"
    plugins.mkdir()
    (plugins / "swisscom").symlink_to(ROOT / "plugins/swisscom")
    return plugins


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.crash.warm"])


def _become(command: list[str], environment: dict[str, str], log: Path) -> None:
    """Be `crowdcore`, in a process that has just been forked."""
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(written, stream)
    faulthandler.enable()
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["crowdcore", *command]
    from crowdcore.app.cli import main

    main()


class Process:
    """One `crowdcore` process that can be killed and comes back."""

    def __init__(self, settings: Settings, command: list[str], log: Path) -> None:
        self._command = command
        self._log = log
        self._environment = {
            **os.environ,
            "CROWDCORE_VAR_DIR": str(settings.var_dir),
            "CROWDCORE_DATABASE_URL": settings.database_url,
            "CROWDCORE_PLUGIN_PATH": settings.plugin_path,
            "CROWDCORE_PUBLIC_SCHEME": "http",
            "CROWDCORE_EMBEDDED_WORKER": "0",
            "CROWDCORE_RATE_LIMITS": "0",
            "CROWDCORE_SECRET": settings.secret,
        }
        self.running: BaseProcess | None = None

    def start(self, crash_at: str = "") -> None:
        environment = {**self._environment, "CROWDCORE_CRASH_AT": crash_at}
        self.running = _FORKS.Process(target=_become, args=(self._command, environment, self._log), daemon=True)
        self.running.start()

    def is_alive(self) -> bool:
        return self.running is not None and self.running.is_alive()

    def kill(self) -> None:
        """Kill -9."""
        if self.running is not None:
            self.running.kill()
            self.running.join()

    def stop(self) -> None:
        if self.is_alive():
            os.kill(self.running.pid, signal.SIGTERM)
            self.running.join(15)
            self.kill()

    def last_words(self) -> str:
        """End it, and return where each of its threads stood and what it wrote before."""
        if self.is_alive():
            os.kill(self.running.pid, signal.SIGABRT)
            self.running.join(5)
        return self._log.read_text()[-LAST_WORDS:]


class Pair:
    """A server and a worker, and somebody with a hammer."""

    def __init__(self, settings: Settings, folder: Path, chance: random.Random) -> None:
        self.port = free_port()
        self.server = Process(settings, ["serve", "--port", str(self.port)], folder / "server.log")
        self.worker = Process(settings, ["work"], folder / "worker.log")
        self._chance = chance
        self._probe = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=1)

    def start(self) -> None:
        self.server.start()
        self.worker.start()
        self.wait_until_served()

    def revive(self, *, with_crash_points: bool = True) -> None:
        """Start whatever is not running; sometimes with a crash point inside."""
        for process in (self.server, self.worker):
            if not process.is_alive():
                point = ""
                if with_crash_points and self._chance.random() < 0.5:
                    point = f"{self._chance.choice(CRASH_POINTS)}:{self._chance.randint(1, 12)}"
                process.start(point)

    def strike(self) -> str:
        """Kill the server, the worker, or both."""
        chosen = self._chance.choice(("server", "worker", "server", "worker", "both"))
        if chosen in {"server", "both"}:
            self.server.kill()
        if chosen in {"worker", "both"}:
            self.worker.kill()
        return chosen

    def stop(self) -> None:
        self.server.stop()
        self.worker.stop()
        self._probe.close()

    def wait_until_served(self, timeout_s: float = 60) -> None:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            try:
                if self._probe.get("/healthz").status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            if not self.server.is_alive():
                self.server.start()
            time.sleep(0.05)
        raise AssertionError(f"the server did not come up on port {self.port}:\n{self.server.last_words()}")
