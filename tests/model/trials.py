"""Which harness notices which fault: ``python -m tests.model.trials table`` tries all and writes README.md's table.

One trial: ``python -m tests.model.trials <harness> <part or -> <mutant or ->`` prints what was noticed.
"""

import asyncio
import logging
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Mapping

from hypothesis.stateful import run_state_machine_as_test

from crowdcore.db.scope import partner_scope
from tests import conftest
from tests.model.machine import Crowdcore, budget
from tests.model.mutants import MUTANTS, mutated
from tests.model.world import World
from tests.race.bench import Bench
from tests.race.crowds import CROWDS, all_accept_at_once
from tests.race.duels import DUELS

TABLE = conftest.ROOT / "tests/model/README.md"

#: Budgets of one trial; what is known to be noticed is noticed well within them.
EXAMPLES, ROUNDS = 40, 30
LONGEST_S = 600
LONGEST_SAID = 110

_BEGIN, _END = "<!-- table -->", "<!-- end of table -->"


def noticed(harness: str, part: str, mutant: str) -> str:
    """Run one harness on one fault and say what it noticed; empty if nothing.

    Args:
        harness: one of `HARNESSES`.
        part: a scenario of the races; empty for all.
        mutant: a fault; empty for the code as it is.
    """
    if harness == "crash":
        said = _elsewhere("tests.model.crash", mutant)
        return "" if said == "whole" else said
    if harness == "race-postgres" and not conftest.ON_POSTGRES:
        return _elsewhere("tests.model.trials", harness, part or "-", mutant or "-", CROWDCORE_TEST_DB="postgres")
    try:
        with mutated(mutant):
            _model() if harness == "model" else _races(part)
    except Exception as failure:  # noqa: BLE001 -- whatever it is, it was noticed
        where = traceback.extract_tb(failure.__traceback__)[-1]
        return f"{type(failure).__name__}: {(str(failure) or where.line or where.name).splitlines()[0]}"
    return ""


def _model() -> None:
    run_state_machine_as_test(Crowdcore, settings=budget(examples=EXAMPLES, shrink=False))


def _races(part: str) -> None:
    scenarios = {**DUELS, **CROWDS, "all_accept_at_once": all_accept_at_once}
    for name in [part] if part else scenarios:
        more = {"friends": 10} if name == "all_accept_at_once" else {}
        with World() as world:
            world.run(asyncio.wait_for(_race(scenarios[name], Bench(world), more), LONGEST_S / 4))


async def _race(scenario, bench: Bench, more: Mapping[str, int]) -> None:
    with partner_scope("swisscom"):
        await scenario(bench, ROUNDS, **more)


def _elsewhere(module: str, *arguments: str, **environment: str) -> str:
    """Run a trial in a process of its own and return the last line it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], env={**os.environ, **environment}, cwd=conftest.ROOT,
        capture_output=True, text=True, timeout=LONGEST_S, check=False,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    if done.returncode:
        raise RuntimeError(f"{module} {arguments} failed:\n{done.stdout}\n{done.stderr}")
    return lines[-1].removeprefix("noticed: ") if lines else ""


def written() -> list[str]:
    """Return the names of the mutants in the README's table."""
    table = TABLE.read_text(encoding="utf-8").split(_BEGIN)[1].split(_END)[0]
    return [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]


def write(said: Mapping[str, str]) -> None:
    """Put into the README who has noticed which fault, and how that was said.

    Args:
        said: by name of the mutant; empty where nobody noticed anything.
    """
    lines = ["| mutant | what is gone | killed by | which says |", "|---|---|---|---|"]
    for name, mutant in MUTANTS.items():
        harness, part = mutant.killer
        killer = f"{harness}: `{part}`" if part else harness
        lines.append(f"| `{name}` | {mutant.what} | {killer} | {said[name].replace('|', '/') or 'NOTHING'} |")
    before, rest = TABLE.read_text(encoding="utf-8").split(_BEGIN)
    after = rest.split(_END)[1]
    TABLE.write_text("\n".join([before + _BEGIN, *lines, _END + after]), encoding="utf-8")


def tried() -> dict[str, str]:
    """Let each mutant's harness look at it; takes two or three minutes."""
    said: dict[str, str] = {}
    for name, mutant in MUTANTS.items():
        said[name] = _folded(noticed(*mutant.killer, name))
        print(f"{name}: {said[name] or 'NOTHING'}", flush=True)
    return said


def _folded(text: str) -> str:
    """Shorten what differs from run to run or is too long for a table."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "a job", text)
    law = re.search(r"Invariant\(id='(I\d+)'.*?law=['\"](.*?)['\"], violations", text)
    text = f"broken: {law[1]}, {law[2]}" if law else text
    return text if len(text) <= LONGEST_SAID else text[:LONGEST_SAID] + "…"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    if sys.argv[1:] == ["table"]:
        write(tried())
    else:
        chosen, place, fault = (word if word != "-" else "" for word in sys.argv[1:4])
        print(f"noticed: {noticed(chosen, place, fault)}")
