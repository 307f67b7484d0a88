"""The links around every page: declared once, on the map of all URLs; shown by area and role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from crowdcore.i18n.translations import mark as _
from crowdcore.theming.layout import Area, Link
from crowdcore.web.context import Visit

_LEGAL = {
    "imprint": _("Imprint"),
    "privacy": _("Privacy"),
    "terms": _("Terms of use"),
    "accessibility": _("Accessibility"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One link of a menu.

    Args:
        area: where it is shown.
        path: where it leads, without language.
        text: English msgid.
        icon: name of an icon, or "".
        roles: who sees it; empty for everybody.
        without: who does not, because they are past it.
        wide: left out on narrow screens.
        count: says how much waits there; None if that is not shown.
    """

    area: Area
    path: str
    text: str
    icon: str = ""
    roles: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    wide: bool = False
    count: Callable[[], Awaitable[int]] | None = None


_items: tuple[MenuItem, ...] = ()


def use_menu(items: Sequence[MenuItem]) -> None:
    """Set the menus of this process."""
    global _items  # noqa: PLW0603 -- one per process, set at start
    _items = tuple(items)


def area_of(visit: Visit) -> Area:
    """Return which face of the portal a page belongs to, for whoever asks: strangers see the site everywhere."""
    first = visit.path.split("/", 2)[1] if "/" in visit.path else ""
    if first == "console" and visit.viewer is not None and visit.viewer.is_staff:
        return "console"
    return "friend" if first == "friend" and visit.has_role("friend") else "site"


async def waiting_of(visit: Visit) -> Mapping[str, int]:
    """Return how much waits behind the links of the page's menu that say so, by path."""
    area = area_of(visit)
    return {
        item.path: await item.count()
        for item in _items
        if item.count is not None and item.area == area and _is_for(item, visit)
    }


def menu_of(visit: Visit) -> tuple[Link, ...]:
    """Return the links of the header, the tab bar or the rail, whichever the page has."""
    area = area_of(visit)
    shown = [item for item in _items if item.area == area and _is_for(item, visit)]
    leading_here = [item.path for item in shown if _leads_to(item.path, visit.path)]
    return tuple(
        Link(
            path=item.path,
            text=visit.translator.gettext(item.text),
            icon=item.icon,
            current=item.path == max(leading_here, key=len, default=""),
            wide=item.wide,
            count=visit.waiting.get(item.path, 0),
        )
        for item in shown
    )


def _is_for(item: MenuItem, visit: Visit) -> bool:
    return (not item.roles or visit.has_role(*item.roles)) and not visit.has_role(*item.without)


def _leads_to(item_path: str, path: str) -> bool:
    """Say whether a page is the one of a link or lies below it (``/console/jobs`` below ``/console``)."""
    return path == item_path or path.startswith(f"{item_path}/")


def legal_of(visit: Visit) -> tuple[Link, ...]:
    """Return the links of the footer: the portal's legal pages, those it has."""
    pages = visit.portal.settings.legal.pages
    return tuple(
        Link(path=f"/legal/{page}", text=visit.translator.gettext(_LEGAL[page])) for page in pages if page in _LEGAL
    )
