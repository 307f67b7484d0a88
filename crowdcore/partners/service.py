"""Opens the portals at start and holds them for the process; nothing about them changes while it runs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType

from crowdcore.base.errors import Fault
from crowdcore.base.folders import shared_folder
from crowdcore.base.text import Language
from crowdcore.db.transaction import in_unit_of_work
from crowdcore.i18n.formats import Formats
from crowdcore.i18n.translations import CORE_DOMAIN, Domain, Translations
from crowdcore.partners.models import opened, replace
from crowdcore.partners.rules import hosts_to_partners
from crowdcore.plugin.content import PortalContent
from crowdcore.plugin.defaults import Defaults
from crowdcore.plugin.loader import Loaded, load
from crowdcore.plugin.registry import KERNEL, Registry
from crowdcore.settings import Settings
from crowdcore.theming.assets import StaticFiles
from crowdcore.theming.layout import PortalLook
from crowdcore.theming.templates import Templates
from crowdcore.theming.theme import read_theme
from crowdcore.web.portal import Portal

_log = logging.getLogger(__name__)


def open_portals(settings: Settings, *, defaults: Defaults | None = None) -> Mapping[str, Portal]:
    """Load all plugins, build the portal of every partner among them, and use these from now on.

    A portal that cannot be built is logged with everything that is wrong with it, and left out; the
    others open.

    Args:
        settings: plugin folders, and how public addresses are written.
        defaults: the core's own answers, asked after all plugins; None where nobody is to be reached
            (checks of files, tests of pages).

    Raises:
        Fault: a plugin folder is missing, or no portal at all can be built.
    """
    registry = Registry()
    if defaults is not None:
        registry.register(defaults, KERNEL)
    loaded = load(settings.plugin_folders, registry=registry)
    for problem in loaded.problems:
        _log.log(logging.WARNING if problem.warning else logging.ERROR, "%s", problem)
    core = Domain.read(shared_folder("locales"), CORE_DOMAIN)
    found: dict[str, Portal] = {}
    for content in loaded.portals.values():
        try:
            found[content.id] = build_portal(content, loaded, core, settings)
        except Fault as fault:
            _log.error("the portal of '%s' is not opened:\n%s", content.id, fault)
    if not found:
        raise Fault(f"no portal opens from {settings.plugin_path}; see the log, or run: crowdcore plugin check")
    use_portals(found)
    return opened()


def build_portal(content: PortalContent, loaded: Loaded, core: Domain, settings: Settings) -> Portal:
    """Return the portal of one partner.

    Args:
        content: the partner's checked files.
        loaded: all plugins; those the portal lists take part.
        core: the kernel's own texts.
        settings: how public addresses are written.

    Raises:
        Fault: its theme, texts or templates are wrong.
    """
    partner = content.partner
    folders = {plugin.id: plugin.folder / "locales" for plugin in loaded.plugins if plugin.id in partner.plugins}
    translations = Translations.of_portal(core, folders, content.id)
    translators = {language: translations.translator(language) for language in Language}
    formats = {
        language: Formats.of(translators[language], partner.languages.formats[language], partner.time_zone)
        for language in partner.languages.offered
    }
    theme = read_theme(content.folder / "theme")
    static = StaticFiles(content.folder / "theme" / "static")
    origin = _origin(partner.primary_host, settings)
    look = PortalLook(
        id=content.id,
        brand=partner.name.brand,
        languages=tuple(language.value for language in partner.languages.offered),
        support_phone=partner.support.phone,
        support_hours=partner.support.hours,
        origin=origin,
    )
    return Portal(
        id=content.id,
        settings=partner,
        catalog=content.catalog,
        exams=content.exams,
        briefing=content.briefing,
        triage=content.triage,
        hooks=loaded.hooks(content.id, is_open=in_unit_of_work),
        theme=theme,
        templates=Templates(portal=look, theme=theme, formats=formats, static=static, plugin_folder=content.folder),
        translators=MappingProxyType(translators),
        formats=MappingProxyType(formats),
        origin=origin,
        hosts=frozenset(domain.host for domain in partner.domains),
        static=static,
        folder=content.folder,
    )


def use_portals(portals: Mapping[str, Portal]) -> None:
    """Replace all portals of the process at once.

    Args:
        portals: by partner id.

    Raises:
        Fault: two portals claim the same host.
    """
    owners = hosts_to_partners((host, one.id) for one in portals.values() for host in sorted(one.hosts))
    replace(
        portals=dict(sorted(portals.items())),
        hosts={host: portals[partner_id] for host, partner_id in owners.items()},
    )


def _origin(host: str, settings: Settings) -> str:
    port = f":{settings.public_port}" if settings.public_port else ""
    return f"{settings.public_scheme}://{host}{port}"
