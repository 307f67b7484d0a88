"""Portal: one partner's site at run time, built once at start from its plugin's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crowdcore.base.text import Language
    from crowdcore.i18n.formats import Formats
    from crowdcore.i18n.translations import Translator
    from crowdcore.plugin.briefing_file import Briefing
    from crowdcore.plugin.content_catalog import Catalog
    from crowdcore.plugin.content_exam import Exam
    from crowdcore.plugin.content_partner import PartnerSettings
    from crowdcore.plugin.dispatcher import Hooks
    from crowdcore.plugin.triage_file import Triage
    from crowdcore.theming.assets import StaticFiles
    from crowdcore.theming.templates import Templates
    from crowdcore.theming.theme import Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """Everything that is special about one partner's site.

    Args:
        id: partner id, the same as its plugin's id.
        settings: what partner.toml says.
        catalog: what can be booked.
        exams: by exam id.
        briefing: the card a Friend sees before a visit, and the door words.
        triage: questions that lead to what helps; None when the partner has none.
        hooks: the behaviour of the portal's plugins.
        theme: the look.
        templates: pages and mails in that look.
        translators: words, by language.
        formats: how figures, money and times are written, by language.
        origin: scheme, primary host and port of every link that leaves the site (``https://help.example``).
        hosts: host names it answers on, lower case, no port.
        static: shared files and the partner's own.
        folder: the folder of its plugin.
    """

    id: str
    settings: PartnerSettings
    catalog: Catalog
    exams: Mapping[str, Exam]
    briefing: Briefing
    triage: Triage | None
    hooks: Hooks
    theme: Theme
    templates: Templates
    translators: Mapping[Language, Translator]
    formats: Mapping[Language, Formats]
    origin: str
    hosts: frozenset[str]
    static: StaticFiles
    folder: Path

    def url(self, path: str) -> str:
        """Return the absolute address of `path` (``/de/jobs/1``) on the primary host."""
        return self.origin + path
