"""The commands `crowdcore places build` and `crowdcore places search`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from crowdcore.places.rules import Answer, Place

FOUND, AMBIGUOUS, UNKNOWN, FAULTY = 0, 1, 3, 4
"""Exit codes; 2 is click's own, for a command that was typed wrongly."""


class _Broken(click.ClickException):
    """A fault of the installation, told in one line."""

    exit_code = FAULTY


@click.group()
def places() -> None:
    """Build and ask the gazetteer of places (GeoNames, CC BY 4.0)."""


@places.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option(
    "--source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="GeoNames' postal codes as JSON lines, instead of the installed package's.",
)
def build(out: Path | None, source: Path | None) -> None:
    """Build the gazetteer from the data of the extra `geo`; takes a few seconds."""
    from crowdcore.base.errors import Fault
    from crowdcore.places.build import build as build_gazetteer

    try:
        report = build_gazetteer(out or _default_path(), source, _reporter())
    except Fault as fault:
        raise _Broken(str(fault)) from fault
    counts = ", ".join(f"{country} {number}" for country, number in sorted(report.places.items()))
    click.echo(f"{report.out}: {counts}; {report.towns} towns, {report.size / 1e6:.1f} MB")
    if report.unmatched:
        click.echo(f"Not in the source: {', '.join(report.unmatched)}", err=True)


@places.command()
@click.argument("text")
@click.option("--home", default="CH", show_default=True, help="Country whose places are preferred.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.option("--gazetteer", type=click.Path(path_type=Path), help="Another file than the configured one.")
def search(*, text: str, home: str, as_json: bool, gazetteer: Path | None) -> None:
    """Find the place that TEXT means.

    Exit codes: 0 found, 1 several places fit, 3 unknown (the nearest names are shown), 4 there is no
    usable gazetteer.
    """
    from crowdcore.base.errors import Fault
    from crowdcore.places.gazetteer import Gazetteer

    try:
        opened = Gazetteer(gazetteer or _default_path())
    except Fault as fault:
        raise _Broken(str(fault)) from fault
    answer = opened.search(text, home=home.upper())
    opened.close()
    found, code = _listed(answer)
    reason = "" if answer.kind == "found" else answer.reason.value
    if as_json:
        entries = [_entry(place) for place in found]
        click.echo(json.dumps({"answer": answer.kind, "reason": reason, "places": entries}, ensure_ascii=False))
    else:
        if code != FOUND:
            click.echo(f"{answer.kind}: {reason}", err=True)
        for place in found:
            click.echo(f"{place.label}\t{place.region}\t{place.point.lat} {place.point.lon}\t{place.id}")
    sys.exit(code)


def _listed(answer: Answer) -> tuple[tuple[Place, ...], int]:
    """Return the places of an answer and the exit code that says how sure they are."""
    if answer.kind == "found":
        return (answer.place,), FOUND
    if answer.kind == "choice":
        return answer.places, AMBIGUOUS
    return answer.suggestions, UNKNOWN


def _entry(place: Place) -> dict[str, object]:
    """Return a place as JSON values."""
    return {
        "id": place.id,
        "label": place.label,
        "country": place.country,
        "region": place.region,
        "postcode": place.postcode,
        "locality": place.locality,
        "names": dict(place.names),
        "lat": place.point.lat,
        "lon": place.point.lon,
    }


def _reporter() -> Callable[[str, int, int], None]:
    """Return a progress report for stderr: one line per stage, and percentages on a terminal."""
    seen: set[str] = set()

    def report(stage: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            end = done >= total
            click.echo(f"\r{stage} {100 * done // max(total, 1):3d} %", err=True, nl=end)
        elif stage not in seen:
            seen.add(stage)
            click.echo(stage, err=True)

    return report


def _default_path() -> Path:
    """Return where the settings say that the gazetteer lies."""
    from crowdcore.settings import settings

    return Path(settings().gazetteer_path)
