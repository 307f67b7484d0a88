"""A running `crowdcore demo`, as the journeys use it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from tests.conftest import ROOT
from tests.crash.processes import free_port


class Demo:
    """A running `crowdcore demo`."""

    def __init__(self, folder: Path, gazetteer: Path) -> None:
        self.port = free_port()
        folder.mkdir()
        (folder / "places.sqlite3").write_bytes(gazetteer.read_bytes())
        self._environment = {
            **os.environ,
            "CROWDCORE_VAR_DIR": str(folder),
            "CROWDCORE_PLUGIN_PATH": str(ROOT / "plugins"),
        }
        for name in ("CROWDCORE_SWISSCOM_TICKET_SECRET", "CROWDCORE_SWISSCOM_TICKET_URL"):
            self._environment.pop(name, None)
        self.log = folder / "demo.log"
        self._running = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "crowdcore", "demo", "--port", str(self.port), "--world", "small", "--no-crowd"],
                env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip

    def wait(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            assert self._running.poll() is None, self.log.read_text()
            try:
                if httpx2.get(f"http://127.0.0.1:{self.port}/healthz", timeout=1).status_code == 200:
                    return
            except httpx2.HTTPError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        self._running.terminate()
        assert self._running.wait(20) is not None

    def restart(self) -> None:
        self.stop()
        self._running = self._start()
        self.wait()

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "crowdcore", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout
