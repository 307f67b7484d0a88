"""Take the pictures: `python -m tests.pictures [NAME ...]`; a demo is started for them unless one is named.

CROWDCORE_PICTURES_VAR: folder of a demo that already runs, with its output in `demo.log` there.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image
from playwright.sync_api import Browser, Error, sync_playwright

from tests.conftest import ROOT
from tests.crash.processes import free_port
from tests.pictures.shots import PHONE, SHOTS, Scene, Shot

TARGET = Path(os.environ.get("CROWDCORE_PICTURES", ROOT / "docs/pictures"))
MOST_BYTES = 60_000
HEIGHTS = {PHONE: 812}
DESK_HEIGHT = 860
STARTS_WITHIN_S = 300
COLOURS = (256, 128, 64, 48, 32)
SHARES = (1, 0.85, 0.75, 0.6)


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that runs: where, what it printed, and its tokens."""

    port: int
    printed: str
    partners: dict[str, dict[str, Any]]

    def link(self, partner: str, role: str) -> str:
        """Return the newest sign-in link of a role."""
        found = re.findall(rf"sign in as {role} +(http://{partner}\S+)", self.printed)
        return str(found[-1])


@contextmanager
def demo() -> Iterator[Running]:
    """Start a demo in a folder of its own; end it with the pictures."""
    named = os.environ.get("CROWDCORE_PICTURES_VAR", "")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(named or temporary)
        log = folder / "demo.log"
        process = None
        if not named:
            port, environment = free_port(), {**os.environ, "CROWDCORE_VAR_DIR": str(folder)}
            command = [sys.executable, "-m", "crowdcore", "demo", "--port", str(port)]
            with log.open("wb") as out:
                process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        port = _wait(log, process)
        told = subprocess.run(
            [sys.executable, "-m", "crowdcore", "demo", "credentials", "--json"],
            env={**os.environ, "CROWDCORE_VAR_DIR": str(folder)}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        try:
            yield Running(port, log.read_text(), json.loads(told.stdout)["partners"])
        finally:
            if process is not None:
                process.terminate()
                process.wait(30)


def _wait(log: Path, process: subprocess.Popen[bytes] | None) -> int:
    """Return the port of a demo as soon as it answers."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        if process is not None and process.poll() is not None:
            raise SystemExit(log.read_text())
        found = re.search(r"http://[\w.]+:(\d+)", log.read_text()) if log.exists() else None
        if found:
            try:
                if httpx2.get(f"http://127.0.0.1:{found[1]}/healthz", timeout=2).status_code == httpx2.codes.OK:
                    return int(found[1])
            except httpx2.HTTPError:
                pass
        time.sleep(0.5)
    raise SystemExit(f"the demo did not start:\n{log.read_text()}")


def take(browser: Browser, running: Running, shot: Shot, cookies: dict[tuple[str, str], list[Any]]) -> bytes:
    """Return one picture as PNG."""
    partner, language, width, scheme = shot.look
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, DESK_HEIGHT)},
        device_scale_factor=2 if width == PHONE else 1,
        color_scheme=scheme,  # type: ignore[arg-type]  # a word of the list of shots
        locale=language,
        reduced_motion="reduce",
    )
    page = context.new_page()
    if shot.role:
        key = (partner, shot.role)
        if key not in cookies:
            page.goto(running.link(*key))
            page.locator("main button").first.click()
            page.wait_for_load_state("load")
            cookies[key] = [one for one in context.cookies() if one["name"] != "lang"]
        context.add_cookies(cookies[key])
    host = running.partners[partner]["host"]
    path = shot.where(Scene(running.port, running.partners[partner]))
    answer = page.goto(f"http://{host}:{running.port}/{language}{path}", wait_until="load")
    if answer is None or answer.status != shot.status:
        raise LookupError(f"{shot.name}: {path} answers {answer.status if answer else 'nothing'}")
    page.wait_for_timeout(400)
    picture = page.screenshot()
    context.close()
    return picture


def small(picture: bytes) -> bytes:
    """Return a picture in at most the bytes that the documentation takes: fewer colours first, then fewer pixels."""
    original = Image.open(io.BytesIO(picture)).convert("RGB")
    for share, colours in itertools.product(SHARES, COLOURS):
        size = (round(original.width * share), round(original.height * share))
        shown = original if share == 1 else original.resize(size, Image.Resampling.LANCZOS)
        out = io.BytesIO()
        few = shown.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise LookupError("does not fit, however small")


def main(names: list[str]) -> None:
    """Take all pictures, or those with these names."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed")
    TARGET.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in SHOTS if not names or shot.name in names]
    failed = 0
    with demo() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        cookies: dict[tuple[str, str], list[Any]] = {}
        for shot in wanted:
            try:
                content = small(take(browser, running, shot, cookies))
            except (LookupError, Error, httpx2.HTTPError) as error:
                failed += 1
                print(f"{shot.name}: {error}")
                continue
            (TARGET / f"{shot.name}.png").write_bytes(content)
            print(f"{shot.name}: {len(content) // 1000} kB")
        browser.close()
    if failed:
        raise SystemExit(f"{failed} of {len(wanted)} pictures could not be taken")


if __name__ == "__main__":
    main(sys.argv[1:])
