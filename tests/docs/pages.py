"""The pages of docs/ as programs: their fenced blocks, in order, and a folder to run them in.

What a block is, its first line says (docs/README.md tells writers the same):

    ```sh                   run; must succeed
    ```sh fails             run; must end with an error
    ```sh serve             started, and stopped at the end of the page
    ```sh checkout          tried as `make -n` or found among the commands: it needs a whole checkout
    ```toml file=a/b.toml   written to this file (also md, po, svg, html, python)
    ```toml append=a/b.toml added to the end of this file
    ```toml part=a/b.toml   must stand in this file, line for line
    ```text                 each line must be in what the block before it printed; `…` stands for anything
    ```ini, nginx, yaml     settings of other programs; `CHECKED_BY_EYE` in the tests says how they are looked at
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PORT = "8000"
"""The port every page writes; another, free one takes its place when a page is run."""

_FENCE = re.compile(r"^(?P<fence>```+)(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
_PATIENCE_S = 300
_STARTS_WITHIN_S = 90


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, what its first line says, what is in it."""

    line: int
    language: str
    info: str
    body: str

    @property
    def target(self) -> str:
        """The file it is about; empty for none."""
        return self.info.partition("=")[2]

    @property
    def deed(self) -> str:
        """What is done with it: ``run``, ``fails``, ``serve``, ``file``, ``append``, ``part`` ..."""
        return self.info.partition("=")[0] or "run"


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        language, _, info = fence["info"].strip().partition(" ")
        line = text.count("\n", 0, fence.start()) + 1
        found.append(Block(line, language, info.strip(), fence["body"]))
    return found


def free_port() -> str:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@dataclass
class Reader:
    """Somebody who does what a page says, block after block, in an empty folder.

    Args:
        folder: an empty one; `cd` and `export` last from one block to the next.
        instead: what a page writes -> what is true here (ports, addresses of servers).
    """

    folder: Path
    instead: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    _servers: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        own = {
            name: value for name, value in os.environ.items() if not name.startswith(("CROWDCORE_", "COV_", "PYTEST"))
        }
        own.pop("PYTHONDONTWRITEBYTECODE", None)  # dozens of short commands: compiled once, not once per command
        own["PYTHONPYCACHEPREFIX"] = str(ROOT / ".venv" / "bytecode")
        own["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
        self._environment = own
        self._state = self.folder / ".state"
        self._state.write_text(f"cd '{self.folder}'\n")

    def here(self) -> Path:
        """Return the folder the page has gone to."""
        return Path(self._state.read_text().splitlines()[-1].removeprefix("cd '").removesuffix("'"))

    def follow(self, page: Path) -> None:
        """Do every block of `page`; fails with its line when something is not as it says."""
        try:
            for block in blocks(page):
                self._do(block, f"{page.relative_to(ROOT)}:{block.line}")
        finally:
            self.stop()

    def stop(self) -> None:
        """End what the page has started."""
        for server in self._servers:
            os.killpg(server.pid, signal.SIGTERM)
        for server in self._servers:
            server.wait(_PATIENCE_S)
        self._servers.clear()

    def _do(self, block: Block, where: str) -> None:
        body = self._true(block.body)
        match (block.language, block.deed):
            case ("sh", "run"):
                self._run(body, where)
            case ("sh", "fails"):
                self._run(body, where, fails=True)
            case ("sh", "serve"):
                self._serve(body, where)
            case ("sh", "checkout"):
                try_in_checkout(body, where)
            case ("text", "run"):
                self._expect(block.body, where)
            case (_, "file"):
                path = self.here() / block.target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(body, encoding="utf-8")
            case (_, "append"):
                path = self.here() / block.target
                path.write_text(f"{path.read_text(encoding='utf-8')}\n{body}", encoding="utf-8")
            case (_, "part"):
                assert body in (self.here() / block.target).read_text(encoding="utf-8"), (
                    f"{where}: not in {block.target}"
                )
            case ("ini" | "nginx", "run"):
                pass  # looked at by test_settings_of_other_programs
            case _:
                raise AssertionError(f"{where}: nobody knows what to do with a block '{block.language} {block.info}'")

    def _true(self, body: str) -> str:
        for written, true in self.instead.items():
            body = body.replace(written, true)
        return body

    def _run(self, body: str, where: str, *, fails: bool = False) -> None:
        keep = f"{{ export -p; echo \"cd '$PWD'\"; }} > '{self._state}'"
        script = f"source '{self._state}'\nset -e\n{body}\n{keep}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
        self.printed = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, f"{where}: ended with {done.returncode}\n{self.printed}"

    def _serve(self, body: str, where: str) -> None:
        log = self.folder / f"server{len(self._servers)}.log"
        with log.open("w") as out:
            server = subprocess.Popen(
                ["bash", "-c", f"source '{self._state}'\n{body}"],
                env=self._environment,
                stdout=out,
                stderr=out,
                text=True,
                start_new_session=True,
            )
        self._servers.append(server)
        port = re.search(r"--port (\d+)", body)
        until = time.monotonic() + _STARTS_WITHIN_S
        while port is not None:
            assert server.poll() is None, f"{where}: ended\n{log.read_text()}"
            assert time.monotonic() < until, f"{where}: not reachable\n{log.read_text()}"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(port[1]))) == 0:
                    return
            time.sleep(0.1)

    def _expect(self, body: str, where: str) -> None:
        printed = self.printed
        for written, true in self.instead.items():
            printed = printed.replace(true, written)
        for line in body.splitlines():
            pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
            assert re.search(pattern, printed), f"{where}: {line!r} was not printed, but:\n{printed}"


def try_in_checkout(body: str, where: str) -> None:
    """Check commands that need a whole checkout without doing them: the targets of make must be there."""
    for line in body.splitlines():
        command = line.partition("#")[0].split()
        if not command:
            continue
        assert command[0] in {"make", "cd", "git"}, f"{where}: cannot be tried: {line!r}"
        if command[0] == "make":
            dry = subprocess.run(["make", "-n", *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
            assert dry.returncode == 0, f"{where}: {line!r}: {dry.stderr}"
