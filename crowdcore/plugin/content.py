"""The data files of one plugin (partner, catalogue, exams, triage, briefing), read and checked together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from crowdcore.plugin.briefing_file import BRIEFING_FILE, Briefing, read_briefing
from crowdcore.plugin.catalog_file import CATALOG_FILE, read_catalog
from crowdcore.plugin.content_catalog import Catalog
from crowdcore.plugin.content_exam import Exam
from crowdcore.plugin.content_partner import PartnerSettings
from crowdcore.plugin.exam_file import EXAM_FOLDER, read_exam
from crowdcore.plugin.facts import PortalView
from crowdcore.plugin.manifest import Manifest
from crowdcore.plugin.partner_file import PARTNER_FILE, read_partner
from crowdcore.plugin.problems import ContentError, FileProblem, did_you_mean
from crowdcore.plugin.settings import Secrets
from crowdcore.plugin.triage_file import TRIAGE_FILE, Triage, read_triage

_Content = TypeVar("_Content")


@dataclass(frozen=True, slots=True)
class PortalContent:
    """All content of one portal.

    Args:
        id: partner id.
        folder: where the files are.
        partner: partner.toml.
        catalog: catalog.toml.
        exams: exams/*.toml by id.
        briefing: briefing.toml.
        triage: bot.toml; None when the partner has no triage.
    """

    id: str
    folder: Path
    partner: PartnerSettings
    catalog: Catalog
    exams: Mapping[str, Exam]
    briefing: Briefing
    triage: Triage | None

    def view(self) -> PortalView:
        """Return the portal as plugins see it; the dispatcher adds each plugin's own settings."""
        return PortalView(
            id=self.id,
            brand=self.partner.name.brand,
            languages=self.partner.languages.offered,
            default_language=self.partner.languages.default,
            currency=self.partner.money.currency,
            config=MappingProxyType({}),
        )


@dataclass(frozen=True, slots=True)
class ReadContent:
    """What reading a plugin's data gave.

    Args:
        portal: the content; None when the plugin has no portal, or a file is wrong.
        problems: errors and warnings of all files, sorted by place.
    """

    portal: PortalContent | None
    problems: tuple[FileProblem, ...]


def read_content(folder: Path, *, plugin_id: str, manifests: Mapping[str, Manifest], secrets: Secrets) -> ReadContent:
    """Read the data files of a plugin as a whole: one error, and none of it is used.

    Args:
        folder: the plugin's folder.
        plugin_id: its id.
        manifests: every readable manifest by plugin id.
        secrets: where secrets come from.
    """
    path = folder / PARTNER_FILE
    if not path.exists():
        return ReadContent(None, tuple(_orphans(folder)))
    problems: list[FileProblem] = []
    partner = _kept(problems, lambda: read_partner(path, plugin_id=plugin_id, manifests=manifests, secrets=secrets))
    swiss = partner is None or partner.languages.formats.get("de") == "de-CH"
    exams, exam_problems = _read_exams(folder, swiss=swiss)
    problems.extend(exam_problems)
    briefing = _kept(problems, lambda: read_briefing(folder / BRIEFING_FILE, swiss=swiss))
    if partner is None:
        return ReadContent(None, tuple(sorted(problems)))
    content = _of_partner(folder, partner, problems)
    if content is None or briefing is None or any(not problem.warning for problem in problems):
        return ReadContent(None, tuple(sorted(problems)))
    catalog, triage = content
    portal = PortalContent(partner.id, folder, partner, catalog, exams, briefing, triage)
    return ReadContent(portal, tuple(sorted(problems)))


def _of_partner(
    folder: Path, partner: PartnerSettings, problems: list[FileProblem]
) -> tuple[Catalog, Triage | None] | None:
    """Read what names channels and reasons of the partner; None when it cannot be used."""
    stems = [file.stem for file in _exam_files(folder)]
    catalog = _kept(problems, lambda: read_catalog(folder / CATALOG_FILE, partner=partner, exams=stems))
    if catalog is None:
        return None
    if not (folder / TRIAGE_FILE).exists():
        return catalog, None
    triage = _kept(problems, lambda: read_triage(folder / TRIAGE_FILE, partner=partner, catalog=catalog))
    return None if triage is None else (catalog, triage)


def _kept(problems: list[FileProblem], read: Callable[[], tuple[_Content, tuple[FileProblem, ...]]]) -> _Content | None:
    """Return what `read` gives; its problems are added to `problems`, None when one is an error."""
    try:
        content, found = read()
    except ContentError as error:
        problems.extend(error.problems)
        return None
    problems.extend(found)
    return content


def _orphans(folder: Path) -> Iterator[FileProblem]:
    for name in (CATALOG_FILE, EXAM_FOLDER, BRIEFING_FILE, TRIAGE_FILE):
        if (folder / name).exists():
            message = f"{name} needs a {PARTNER_FILE} beside it"
            yield FileProblem(str(folder / PARTNER_FILE), 0, 0, "file.not_found", message)


def _exam_files(folder: Path) -> list[Path]:
    return sorted((folder / EXAM_FOLDER).glob("*.toml"))


def _read_exams(folder: Path, *, swiss: bool) -> tuple[Mapping[str, Exam], list[FileProblem]]:
    exams: dict[str, Exam] = {}
    problems: list[FileProblem] = []
    for path in _exam_files(folder):
        try:
            exams[path.stem], warnings = read_exam(path, swiss=swiss)
        except ContentError as error:
            problems.extend(error.problems)
        else:
            problems.extend(warnings)
    if not any(not problem.warning for problem in problems):
        problems.extend(_requirement_problems(folder, exams))
    return MappingProxyType(exams), problems


def _requirement_problems(folder: Path, exams: Mapping[str, Exam]) -> Iterator[FileProblem]:
    for exam in exams.values():
        path = str(folder / EXAM_FOLDER / f"{exam.id}.toml")
        for required in exam.requires:
            if required not in exams:
                hint = did_you_mean(required, exams) or f"exams: {', '.join(exams)}"
                yield FileProblem(path, 0, 0, "exam.unknown", f"requires no known exam: {required!r}", hint)
        circle = _circle(exam.id, exams)
        if circle:
            yield FileProblem(path, 0, 0, "exam.cycle", f"exams require each other: {' -> '.join(circle)}")


def _circle(start: str, exams: Mapping[str, Exam]) -> list[str]:
    """Return the way from `start` back to itself over `requires`; empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for required in exams[way[-1]].requires:
            if required == start:
                return [*way, start]
            if required in exams and required not in seen:
                seen.add(required)
                ways.append([*way, required])
    return []
