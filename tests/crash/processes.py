"""Real processes that are killed: a server and a worker of one installation."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from crowdcore.settings import Settings

#: Every named place in the code at which a process can be made to end itself.
CRASH_POINTS = (
    "before_commit", "after_commit", "move.after_cas", "move.after_event", "accept.after_assignment",
    "accept.in_group", "wave.after_write", "timer.claimed", "delivery.claimed",
)  # fmt: skip

HOST = "swisscom.localhost"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """One `crowdcore` process that can be killed and comes back."""

    def __init__(self, settings: Settings, command: list[str], log: Path) -> None:
        self._command = [sys.executable, "-m", "crowdcore", *command]
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
        self.running: subprocess.Popen[bytes] | None = None

    def start(self, crash_at: str = "") -> None:
        with self._log.open("ab") as log:
            self.running = subprocess.Popen(
                self._command, env={**self._environment, "CROWDCORE_CRASH_AT": crash_at}, stdout=log, stderr=log
            )

    def is_alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait()

    def stop(self) -> None:
        if self.is_alive():
            self.running.send_signal(signal.SIGTERM)
            try:
                self.running.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


class Pair:
    """A server and a worker, and somebody with a hammer."""

    def __init__(self, settings: Settings, folder: Path, chance: random.Random) -> None:
        self.port = free_port()
        self.server = Process(settings, ["serve", "--port", str(self.port)], folder / "server.log")
        self.worker = Process(settings, ["work"], folder / "worker.log")
        self._chance = chance

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

    def wait_until_served(self, timeout_s: float = 30) -> None:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            try:
                if httpx2.get(f"http://127.0.0.1:{self.port}/healthz", timeout=1).status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            if not self.server.is_alive():
                self.server.start()
            time.sleep(0.05)
        raise AssertionError(f"the server did not come up on port {self.port}")
