"""Pages for staff: figures by region, service and daypart, also as a file; and how the exams go."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF
from crowdcore.base import clock
from crowdcore.base.errors import NotFound
from crowdcore.base.text import Text
from crowdcore.exams.queries import named
from crowdcore.i18n.translations import Translator, mark as _
from crowdcore.insight import queries
from crowdcore.insight.queries import Period, span
from crowdcore.insight.rules import Cell, Daypart, Figure, table_file
from crowdcore.places.regions import region_name
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

GROUPS = {"region": _("Region"), "service": _("Service"), "daypart": _("Time of request")}

DAYPART_NAMES = {
    Daypart.MORNING: _("Morning, 6 to 12"),
    Daypart.AFTERNOON: _("Afternoon, 12 to 18"),
    Daypart.EVENING: _("Evening, 18 to 22"),
    Daypart.NIGHT: _("Night"),
    Daypart.WEEKEND: _("Weekend"),
}


async def show_figures(_request: Request, visit: Visit) -> Response:
    """What the requests of a period come to."""
    period = _period(visit)
    since, until = span(period)
    found = queries.figures(await queries.records(since=since, until=until))
    return page(
        visit,
        "insight/figures.html",
        total=found["all"][0],
        groups=[(group, title, found[group]) for group, title in GROUPS.items()],
        names={(group, one.key): _name(visit, group, one.key) for group in GROUPS for one in found[group]},
        period=period,
        since=since,
        until=until,
    )


async def download(request: Request, visit: Visit) -> Response:
    """The figures of one grouping as a file; written as spreadsheets here expect."""
    group = _group(request.path_params)
    period = _period(visit)
    since, until = span(period)
    found = queries.figures(await queries.records(since=since, until=until))
    say = visit.translator.gettext
    rows: list[list[Cell]] = [
        [say(GROUPS[group]), *_columns(visit.translator)],
        *([_name(visit, group, one.key), *_cells(one)] for one in found[group]),
        [say(_("All")), *_cells(found["all"][0])],
    ]
    name = f"{visit.portal.id}-{group}-{period.value}-{clock.now().astimezone(queries.zone()):%Y-%m-%d}.csv"
    return Response(
        table_file(rows, point=visit.formats.point).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


async def show_exams(_request: Request, visit: Visit) -> Response:
    """Every exam with how it goes."""
    found = await queries.exams()
    return page(visit, "insight/exams.html", exams=list(visit.portal.exams.values()), figures=found)


async def show_exam(request: Request, visit: Visit) -> Response:
    """One exam by topic and question, the least known first."""
    exam = named(request.path_params)
    return page(visit, "insight/exam.html", exam=exam, figure=await queries.exam(exam.id), most=queries.MOST_SHEETS)


def _group(values: Mapping[str, str]) -> str:
    """Return the grouping that the path of a file names.

    Raises:
        NotFound: there is none.
    """
    name, _dot, ending = values["group"].partition(".")
    if name not in GROUPS or ending != "csv":
        raise NotFound
    return name


def _columns(translator: Translator) -> list[str]:
    """Return the heads of the columns that `_cells` fills."""
    return [
        translator.gettext("Requests"),
        translator.gettext("Accepted within 1 h, percent"),
        translator.gettext("Median wait, minutes"),
        translator.pgettext("requests", "Done"),
        translator.pgettext("requests", "Cancelled"),
        translator.pgettext("requests", "Handed over"),
        translator.gettext("Mean rating"),
        translator.gettext("Would book again, percent"),
    ]


def _cells(one: Figure) -> list[Cell]:
    return [
        one.requests,
        None if one.within_hour is None else round(one.within_hour * 100, 1),
        None if one.median_s is None else round(one.median_s / 60, 1),
        one.done,
        one.cancelled,
        one.handed_over,
        None if one.rating is None else round(one.rating, 2),
        None if one.again is None else round(one.again * 100, 1),
    ]


def _name(visit: Visit, group: str, key: str) -> str:
    match group:
        case "region":
            return visit.translator.text(region_name(key))
        case "daypart":
            return visit.translator.gettext(DAYPART_NAMES[Daypart(key)])
        case _:
            service = visit.portal.catalog.services.get(key)
            return visit.translator.text(service.title if service else Text.neutral(key))


def _period(visit: Visit) -> Period:
    typed = visit.query.get("period", "")
    return Period(typed) if typed in set(Period) else Period.MONTH


ROUTES = (
    PageRoute(method="GET", path="/console/figures", handler=show_figures, roles=STAFF),
    PageRoute(method="GET", path="/console/figures/{group}", handler=download, roles=STAFF, known=_group),
    PageRoute(method="GET", path="/console/exams", handler=show_exams, roles=STAFF),
    PageRoute(method="GET", path="/console/exams/{exam}", handler=show_exam, roles=STAFF, known=named),
)
