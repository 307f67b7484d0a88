"""Templates: one Jinja2 environment per portal; a partner's files first, then ``themes/base``.

    templates = Templates(portal=look, theme=theme, formats=formats, plugin_folder=folder)
    html = templates.render("jobs/job.html", translator, page=page, account=None, job=job)

The reader's language is a value of the one rendering, never of the environment or the process: `_()`,
`{% trans %}` and the filters look it up where they are called. Pages of two languages rendered at the
same time therefore cannot mix. Macros that say something are imported ``with context``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from crowdcore.base.errors import Fault
from crowdcore.base.folders import shared_folder
from crowdcore.base.text import Language
from crowdcore.i18n.formats import Formats
from crowdcore.i18n.locale import OWN_NAMES
from crowdcore.i18n.translations import Translator
from crowdcore.plugin.problems import did_you_mean
from crowdcore.theming.assets import StaticFiles
from crowdcore.theming.contract import contract
from crowdcore.theming.layout import PortalLook
from crowdcore.theming.overrides import check_override
from crowdcore.theming.theme import Theme

#: Filters of the same name as the method of `Formats`: ``{{ amount|money }}``.
MAIN_FORM = 'id="main-form"'
"""Marks the form of a page that people fill in; the language switch belongs to it."""

FORMAT_FILTERS = (
    *("money", "price", "price_range", "signed_money", "number", "percent", "distance"),
    *("clock", "clock_range", "date", "short_date", "day", "day_and_clock", "weekday", "day_month", "month"),
    *("duration", "duration_in_words", "joined", "language", "phone"),
)


class Templates:
    """Pages and mails of one portal."""

    def __init__(
        self,
        *,
        portal: PortalLook,
        theme: Theme,
        formats: Mapping[Language, Formats],
        static: StaticFiles | None = None,
        plugin_folder: Path | None = None,
    ) -> None:
        """Prepare the environment.

        Args:
            portal: what the layout says about the partner.
            theme: the partner's look.
            formats: language -> how figures and times are written.
            static: the portal's static files; the shared ones when left out.
            plugin_folder: the partner's plugin, for ``theme/templates``, ``slots`` and ``mail``.

        Raises:
            Fault: a slot file that no place is called like, or a template that does not compile.
        """
        self._formats = dict(formats)
        loader = _loader(plugin_folder)
        self._environment = _environment(loader)
        self._environment.globals.update(
            portal=dataclasses.replace(portal, mark=theme.mark_markup),
            theme=theme,
            theme_css_url=theme.url("theme.css"),
            icon_url=theme.url("icon.svg"),
            static=(static or StaticFiles()).url,
            language_names=OWN_NAMES,
            to=_to,
            slot=self._slot,
        )
        self._slots = self._checked_slots()
        self._forms = self._compile_all(loader, plugin_folder)
        self._environment.globals["icon"] = vars(self._environment.get_template("icons.html").module)["icon"]

    def render(self, name: str, translator: Translator, /, **context: object) -> str:
        """Return a page, a mail or a part of a page.

        Args:
            name: under the templates folder: ``jobs/job.html``.
            translator: the reader's words; figures follow its language.
            context: values for the template; ``page`` and ``account`` for everything with the layout.

        Raises:
            Fault: no such template.
        """
        try:
            template = self._environment.get_template(name)
        except TemplateNotFound as error:
            hint = did_you_mean(name, self.names()) or "see themes/base/templates"
            raise Fault(f"no template '{error.name}'; {hint}") from error
        formats = self._formats[translator.language]
        return template.render(context, translator=translator, formats=formats)

    def names(self) -> tuple[str, ...]:
        """Return the names of all templates of this portal."""
        return tuple(self._environment.list_templates())

    def holds_form(self, name: str) -> bool:
        """Say whether a page has a form to fill in: one with the id `MAIN_FORM`."""
        return name in self._forms

    def _compile_all(self, loader: BaseLoader, plugin_folder: Path | None) -> frozenset[str]:
        """Compile every template and check the partner's own; return those with a form to fill in."""
        forms: set[str] = set()
        for name in self.names():
            if name.startswith("base/"):
                continue  # a second name of a shared template
            try:
                self._environment.get_template(name)
            except TemplateSyntaxError as error:
                raise Fault(f"{error.filename or name}:{error.lineno}: {error.message}") from error
            source, path, _current = loader.get_source(self._environment, name)
            if plugin_folder is not None and path and Path(path).is_relative_to(plugin_folder):
                check_override(name, source, self._environment, self.names())
            if MAIN_FORM in source:
                forms.add(name)
        return frozenset(forms)

    def _checked_slots(self) -> frozenset[str]:
        places = contract().slots
        found = {name for name in self.names() if name.startswith("slots/")}
        for name in found:
            place = name.removeprefix("slots/").removesuffix(".html")
            if place not in places:
                hint = did_you_mean(place, places) or f"places: {', '.join(places)}"
                raise Fault(f"{name}: no place is called '{place}'; {hint}")
        return frozenset(found)

    @pass_context
    def _slot(self, context: Context, place: str) -> Markup:
        """Return what the partner puts at a named place; nothing is the usual answer."""
        if place not in contract().slots:
            raise Fault(f"slot '{place}' is not declared in themes/base/theme.toml")
        name = f"slots/{place}.html"
        if name not in self._slots:
            return Markup()
        return Markup(self._environment.get_template(name).render(context.get_all()))  # noqa: S704 -- autoescaped


class _SharedCode(BytecodeCache):
    """Compiled templates of this process: the shared ones are compiled once for all portals."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in the code of a template with this name, file and content, if there is any."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._code[bucket.key, bucket.checksum] = bucket.code


_shared_code = _SharedCode()


def _loader(plugin_folder: Path | None) -> BaseLoader:
    base = FileSystemLoader(shared_folder("themes") / "base" / "templates")
    loaders: list[BaseLoader] = [base, PrefixLoader({"base": base})]
    if plugin_folder is not None:
        pieces = {part: FileSystemLoader(plugin_folder / part) for part in ("slots", "mail")}
        loaders[:0] = [FileSystemLoader(plugin_folder / "theme" / "templates"), PrefixLoader(pieces)]
    return ChoiceLoader(loaders)


def _environment(loader: BaseLoader) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=loader,
        autoescape=_escapes,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
        auto_reload=False,
        bytecode_cache=_shared_code,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # -- added by the i18n extension
        _gettext, _ngettext, newstyle=True, pgettext=_pgettext, npgettext=_npgettext
    )
    environment.filters.update({name: _format_filter(name) for name in FORMAT_FILTERS})
    environment.filters["text"] = _text
    return environment


def _escapes(name: str | None) -> bool:
    """Escape everywhere but in the text part of mails."""
    return name is None or not name.endswith(".txt")


def _of_reader(context: Context, name: str) -> Any:  # noqa: ANN401 -- a Translator or Formats, asked by name
    value = context.get(name)
    if value is None:
        raise Fault(f"template '{context.name}' does not know its reader; import its macros 'with context'")
    return value


@pass_context
def _gettext(context: Context, message: str) -> str:
    return str(_of_reader(context, "translator").gettext(message))


@pass_context
def _ngettext(context: Context, singular: str, plural: str, n: int) -> str:
    return str(_of_reader(context, "translator").ngettext(singular, plural, n))


@pass_context
def _pgettext(context: Context, about: str, message: str) -> str:
    return str(_of_reader(context, "translator").pgettext(about, message))


@pass_context
def _npgettext(context: Context, about: str, singular: str, plural: str, n: int) -> str:
    return str(_of_reader(context, "translator").npgettext(about, singular, plural, n))


@pass_context
def _text(context: Context, value: Any) -> str:  # noqa: ANN401 -- a Text; anything else fails by name
    return str(_of_reader(context, "translator").text(value))


@pass_context
def _to(context: Context, path: str) -> str:
    """Return the address of a page in the reader's language: ``/jobs/7`` -> ``/de/jobs/7``."""
    return f"/{_of_reader(context, 'translator').language.value}{path}"


def _format_filter(name: str) -> Callable[..., str]:
    @pass_context
    def apply(context: Context, value: Any, *more: Any) -> str:  # noqa: ANN401 -- as the method of Formats
        return str(getattr(_of_reader(context, "formats"), name)(value, *more))

    return apply
