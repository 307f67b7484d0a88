"""Morgenkraft's behaviour: which services a region has, and who may touch what, with the rule cited.

What is decided here is data: `safety.toml` says which work needs which licence in which country, and
`partner.toml` says which regions are live. This file only asks the table, and says no when the table is
silent.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from crowdcore.base.errors import Fault
from crowdcore.base.text import Language, Text
from crowdcore.plugin import (
    BookingView,
    Denied,
    FriendView,
    JobView,
    PlaceView,
    ServiceView,
    hookimpl,
)

PROFI = "profi"


@dataclass(frozen=True, slots=True)
class Licence:
    """What a Profi proves; it counts in one country only."""

    id: str
    country: str
    name: Text


@dataclass(frozen=True, slots=True)
class Rule:
    """What one country says about a work: any one of the licences is enough, none means nobody."""

    licences: tuple[str, ...]
    cite: Text


@dataclass(frozen=True, slots=True)
class Work:
    """A work that a layperson may not do, why not, and what to do instead.

    `services` are those whose very purpose it is; in every other booking it is refused.
    """

    id: str
    services: frozenset[str]
    name: Text
    why: Text
    instead: Text
    rules: Mapping[str, Rule]

    def licences_in(self, country: str) -> tuple[str, ...]:
        """Return the licences of which one is enough in `country`; none means nobody may do it."""
        rule = self.rules.get(country)
        return rule.licences if rule else ()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`safety.toml` and the regions of `partner.toml`, read once when the plugin is loaded.

    Args:
        works: by id, the gravest first.
        licences: by id.
        reasons: the gates' own sentences, by name.
        planned: regions (ISO 3166-2) that come next, and nothing may be booked in yet.
        pilot: regions where only `pilot_services` may be booked.
        pilot_services: service ids.
        licence_packs: countries whose licences the back office can check.
        needs_licence_pack: service ids that wait for such a country.
    """

    works: Mapping[str, Work]
    licences: Mapping[str, Licence]
    reasons: Mapping[str, Text]
    planned: frozenset[str]
    pilot: frozenset[str]
    pilot_services: frozenset[str]
    licence_packs: frozenset[str]
    needs_licence_pack: frozenset[str]

    def purpose_of(self, service_id: str) -> tuple[Work, ...]:
        """Return the licensed works that are the very purpose of a service; none for most."""
        return tuple(work for work in self.works.values() if service_id in work.services)

    def says(self, reason: str, **parts: Text) -> Text:
        """Return the sentence called `reason` with its `{name}` parts filled in, in each language."""
        sentence = self.reasons[reason]
        return Text.from_dict(
            {
                language: pattern.format(**{name: part.in_(language) for name, part in parts.items()})
                for language, pattern in sentence
            }
        )

    def refusal(self, work: Work, country: str) -> Text:
        """Return why `work` is refused in `country`, what to do instead, and the rule if there is one."""
        rule = work.rules.get(country)
        if rule is None:
            return self.says("without_rule", why=work.why, instead=work.instead)
        return self.says("with_rule", why=work.why, instead=work.instead, rule=rule.cite)


def read_rulebook(folder: Path) -> Rulebook:
    """Read `safety.toml` and `partner.toml` of `folder`.

    Raises:
        Fault: a rule names a licence that is not listed, or one of another country.
    """
    safety = tomllib.loads((folder / "safety.toml").read_text(encoding="utf-8"))
    partner = tomllib.loads((folder / "partner.toml").read_text(encoding="utf-8"))
    licences = {row["id"]: Licence(row["id"], row["country"], _text(row["name"])) for row in safety["licence"]}
    works = {row["id"]: _work(row) for row in safety["work"]}
    for work in works.values():
        _check_licences(work, licences)
    regions = safety["regions"]
    return Rulebook(
        works=works,
        licences=licences,
        reasons={name: _text(values) for name, values in safety["reason"].items()},
        planned=frozenset(partner["regions"].get("planned", ())),
        pilot=frozenset(partner["regions"].get("pilot", ())),
        pilot_services=frozenset(regions["pilot_services"]),
        licence_packs=frozenset(regions["licence_packs"]),
        needs_licence_pack=frozenset(regions["needs_licence_pack"]),
    )


def _work(row: Mapping[str, Any]) -> Work:
    rules = {rule["country"]: Rule(tuple(rule["licences"]), _text(rule["cite"])) for rule in row["rule"]}
    return Work(
        id=row["id"],
        services=frozenset(row.get("services", ())),
        name=_text(row["name"]),
        why=_text(row["why"]),
        instead=_text(row["instead"]),
        rules=rules,
    )


def _text(values: Mapping[str, str]) -> Text:
    return Text.neutral(values["neutral"]) if "neutral" in values else Text.from_dict(values)


def _check_licences(work: Work, licences: Mapping[str, Licence]) -> None:
    for country, rule in work.rules.items():
        for name in rule.licences:
            licence = licences.get(name)
            if licence is None or licence.country != country:
                message = (
                    f"safety.toml: work {work.id!r} asks for licence {name!r} in {country}, which is not a"
                    f" licence of that country; add a [[licence]] with this id or correct the rule"
                )
                raise Fault(message)


RULEBOOK = read_rulebook(Path(__file__).parent)


@hookimpl
def region_gate(place: PlaceView, service: ServiceView) -> Denied | None:
    """Say what is planned; a pilot region has a few services; some wait for a licence pack."""
    if place.region in RULEBOOK.pilot:
        if service.id not in RULEBOOK.pilot_services:
            return Denied("energy.region_pilot", RULEBOOK.says("region_pilot"))
    elif place.region in RULEBOOK.planned:
        return Denied("energy.region_planned", RULEBOOK.says("region_planned"))

    if _waits_for_licences(service, place.country):
        return Denied("energy.licence_pack_missing", RULEBOOK.says("licence_pack_missing"))
    return None


def _waits_for_licences(service: ServiceView, country: str) -> bool:
    """Say whether nobody's licence for `service` can be checked in `country`, or counts there."""
    if service.licence is not None:
        licence = RULEBOOK.licences.get(service.licence)
        if licence is None or licence.country != country:
            return True
    is_gated = service.licence or service.id in RULEBOOK.needs_licence_pack or RULEBOOK.purpose_of(service.id)
    return bool(is_gated) and country not in RULEBOOK.licence_packs


@hookimpl
def check_booking(booking: BookingView) -> Denied | None:
    """Refuse work that a layperson may not do, unless it is the very purpose of a service for Profis.

    What the customer declares beyond that purpose is refused even where a Profi could do it: the crowd
    would be asked for the wrong job at the wrong price.
    """
    if booking.declared_work.difference(RULEBOOK.works):
        return Denied("energy.work_unknown", RULEBOOK.says("work_unknown"))

    country = booking.place.country
    purpose = RULEBOOK.purpose_of(booking.service.id)
    for work in RULEBOOK.works.values():
        declared_beyond = work.id in booking.declared_work and work not in purpose
        if declared_beyond or (work in purpose and not work.licences_in(country)):
            return Denied(f"energy.{work.id}", RULEBOOK.refusal(work, country))
    return None


@hookimpl
def friend_eligibility(job: JobView, friends: Sequence[FriendView]) -> Mapping[UUID, Denied] | None:
    """Keep a licensed service, and any work that needs a licence, for those who hold it."""
    service, country = job.service, job.place.country
    if service.licence is None and not RULEBOOK.purpose_of(service.id):
        return None

    answers: dict[tuple[str, frozenset[str]], Denied | None] = {}  # thousands of Friends, few kinds of proof
    denials: dict[UUID, Denied] = {}
    for friend in friends:
        proof = friend.kind, friend.licences
        if proof not in answers:
            answers[proof] = _denial(*proof, service, country)
        if denied := answers[proof]:
            denials[friend.id] = denied
    return denials


def _denial(kind: str, held: frozenset[str], service: ServiceView, country: str) -> Denied | None:
    denied = _licence_denial(held, service.licence, country) if service.licence else None
    for work in RULEBOOK.purpose_of(service.id):
        denied = denied or _work_denial(kind, held, work, country)
    return denied


def _licence_denial(held: frozenset[str], licence_id: str, country: str) -> Denied | None:
    licence = RULEBOOK.licences.get(licence_id)
    name = licence.name if licence else Text.neutral(licence_id)
    if licence is None or licence_id not in held:
        return Denied("energy.licence_required", RULEBOOK.says("licence_required", licence=name))
    if licence.country != country:
        return Denied("energy.licence_other_country", RULEBOOK.says("licence_other_country", licence=name))
    return None


def _work_denial(kind: str, held: frozenset[str], work: Work, country: str) -> Denied | None:
    licences = work.licences_in(country)
    if not licences:
        return Denied("energy.nobody", RULEBOOK.says("nobody", work=work.name))
    if kind != PROFI:
        rule = work.rules[country].cite
        return Denied("energy.profi_only", RULEBOOK.says("profi_only", work=work.name, rule=rule))
    if held.isdisjoint(licences):
        name = _any_of(RULEBOOK.licences[licence].name for licence in licences)
        return Denied("energy.licence_required", RULEBOOK.says("licence_required", licence=name))
    return None


def _any_of(names: Iterable[Text]) -> Text:
    """Return the names with a slash between them, which reads the same in each language."""
    listed = list(names)
    return Text.from_dict({language: " / ".join(name.in_(language) for name in listed) for language in Language})
