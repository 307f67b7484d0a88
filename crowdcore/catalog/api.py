"""The catalogue room as JSON: what can be booked, and what it roughly costs."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from crowdcore.base.text import Language
from crowdcore.catalog import queries
from crowdcore.catalog.rules import ServiceUnknown, is_for_crowd
from crowdcore.plugin.content_catalog import Family, SafetyCheck, Service, ServiceKind
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.context import Visit
from crowdcore.web.fields import GuideOut, Output


class WorkQuestion(Output):
    """A yes/no question asked when booking; a yes is sent in `declared_work`."""

    work: str
    question: str


class ServiceCard(Output):
    """A service; texts are in the language of Accept-Language."""

    id: str
    category: str
    family: Family
    kind: ServiceKind
    title: str
    summary: str
    guide: GuideOut = Field(description="List price; ask /quotes for the one of a wish.")
    minutes: int = Field(description="Usual duration.")
    minutes_max: int
    on_demand: bool = Field(description="Whether it can be had within the hour.")
    bookable: bool = Field(description="Whether Friends or Profis do it today.")
    channels: list[str]
    checks: list[WorkQuestion]
    exam: str | None = Field(description="Exam a Friend must have passed.")


class ServiceDetail(ServiceCard):
    """A service with everything there is to know before booking."""

    licence: str | None = Field(description="Licence a Friend must hold.")
    steps: list[str]
    includes: list[str]
    excludes: list[str]


class CategoryCard(Output):
    """A shelf of the catalogue."""

    id: str
    name: str


class ServiceList(Output):
    """The whole catalogue, in the partner's order."""

    language: Language = Field(description="What the texts are written in.")
    languages: list[Language] = Field(description="What Accept-Language may ask for.")
    categories: list[CategoryCard]
    services: list[ServiceCard]


async def _list(_call: Call) -> Sequence[Service]:
    return queries.services()


async def _cards(call: Call, found: Sequence[Service]) -> ServiceList:
    visit = call.visit
    return ServiceList(
        language=visit.language,
        languages=list(visit.portal.settings.languages.offered),
        categories=[CategoryCard(id=one.id, name=visit.translator.text(one.name)) for one in queries.categories()],
        services=[_card(visit, service) for service in found],
    )


async def _find(call: Call) -> Service:
    return queries.service(call.name("service"))


async def _detail(call: Call, found: Service) -> ServiceDetail:
    text = call.visit.translator.text
    return ServiceDetail(
        **_card(call.visit, found).model_dump(),
        licence=found.licence,
        steps=[text(step) for step in found.steps],
        includes=[text(part) for part in found.includes],
        excludes=[text(part) for part in found.excludes],
    )


def _card(visit: Visit, found: Service) -> ServiceCard:
    text = visit.translator.text
    return ServiceCard(
        id=found.id,
        category=found.category,
        family=found.family,
        kind=found.kind,
        title=text(found.title),
        summary=text(found.summary),
        guide=GuideOut.of(queries.list_price(found), visit.language),
        minutes=found.minutes.typical,
        minutes_max=found.minutes.max,
        on_demand=found.on_demand.allowed,
        bookable=is_for_crowd(found),
        channels=list(found.channels),
        checks=[_question(visit, check) for check in found.checks],
        exam=found.exam,
    )


def _question(visit: Visit, check: SafetyCheck) -> WorkQuestion:
    return WorkQuestion(work=check.work, question=visit.translator.text(check.question))


ROUTES = (
    ApiRoute(
        method="GET",
        path="/services",
        do=_list,
        show=_cards,
        answer=ServiceList,
        public=True,
        summary="List what can be booked, with guide prices",
    ),
    ApiRoute(
        method="GET",
        path="/services/{service}",
        do=_find,
        show=_detail,
        answer=ServiceDetail,
        public=True,
        absent=ServiceUnknown,
        summary="Show one service",
    ),
)
