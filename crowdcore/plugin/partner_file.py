"""partner.toml: reads one portal's settings, or says everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crowdcore.base.money import CASH_STEP, Currency
from crowdcore.base.text import Language
from crowdcore.plugin.content_partner import (
    BookingPolicy,
    Channel,
    Domain,
    EscalationReason,
    Languages,
    Legal,
    MailPolicy,
    MoneyPolicy,
    PartnerName,
    PartnerSettings,
    PortalStatus,
    Regions,
    Support,
)
from crowdcore.plugin.dispatch_table import read_dispatch
from crowdcore.plugin.facts import ConfigValue
from crowdcore.plugin.fields import (
    COUNTRY,
    EMAIL,
    HOST,
    LOCALE,
    PHONE,
    RELATIVE_FILE,
    URL,
    known_regions,
)
from crowdcore.plugin.manifest import Manifest
from crowdcore.plugin.problems import FileProblem, did_you_mean
from crowdcore.plugin.schema import ContentFile, Table
from crowdcore.plugin.settings import Secrets, filled_in

PARTNER_FILE = "partner.toml"
DEFAULT_ZONE = "Europe/Zurich"

_LONGEST_REPLY = timedelta(days=14)
_LONGEST_NOTICE = timedelta(days=7)
_LONGEST_SILENCE = timedelta(days=14)
_REGION_STAGES = ("live", "pilot", "planned", "closed")
_OUTDATED_VAT = {Currency.CHF: (Decimal("7.7"), Decimal("8.0"))}
_LEGAL_PAGES = ("imprint", "privacy", "terms", "accessibility")


def read_partner(
    path: Path, *, plugin_id: str, manifests: Mapping[str, Manifest], secrets: Secrets
) -> tuple[PartnerSettings, tuple[FileProblem, ...]]:
    """Read partner.toml.

    Args:
        path: the file, in its plugin's folder.
        plugin_id: the plugin it belongs to.
        manifests: every readable manifest by plugin id; `[plugin.<id>]` is checked against them.
        secrets: where secrets come from.

    Returns:
        The settings, and warnings.

    Raises:
        ContentError: everything that is wrong with the file.
    """
    file = ContentFile.open(path, kind="partner", swiss=False)
    plugins = _plugins(file.root, manifests)
    config = _config(file.root, plugins, manifests, secrets)
    settings = replace(_settings(file, path.parent, plugin_id), plugins=plugins, config=config)
    return settings, file.finish()


def _settings(file: ContentFile, folder: Path, plugin_id: str) -> PartnerSettings:
    """Read everything but what concerns other plugins."""
    root = file.root
    root.integer("schema", low=1, high=1)
    languages = _languages(root.table("languages"))
    file.swiss = languages.formats.get("de") == "de-CH"
    channels = _channels(root.table("channels"))
    fees = root.table("fees")
    return PartnerSettings(
        id=_partner_id(root, plugin_id),
        plugin=plugin_id,
        status=root.choice("status", PortalStatus),
        name=_name(root.table("name")),
        domains=_domains(root),
        languages=languages,
        money=_money(root.table("money")),
        time_zone=_time_zone(root),
        dispatch=read_dispatch(root.table("dispatch"), channels),
        booking=_booking(root.table("booking")),
        channels=channels,
        regions=_regions(root.table("regions")),
        mail=_mail(root.table("mail")),
        support=_support(root.table("support")),
        escalation=_escalation(root.table("escalation"), channels),
        legal=_legal(root.table("legal"), folder, is_public=root.has("status") and root.raw("status") == "live"),
        platform_percent=fees.decimal("platform_percent", low="0", high="40", code="commission.range"),
        invoice_text=fees.text("invoice_text", max_length=80) if fees.has("invoice_text") else None,
        dark_mode=_dark_mode(root),
        plugins=(),
        config=MappingProxyType({}),
        forbidden_words=_forbidden_words(root),
        content_hash=file.content_hash,
    )


def _partner_id(root: Table, plugin_id: str) -> str:
    partner_id = root.slug("id")
    if partner_id and partner_id != plugin_id:
        hint = f"write {plugin_id!r}"
        root.problem("id", "partner.id", f"the partner's id {partner_id!r} is not its plugin's", hint=hint)
    return partner_id


def _name(table: Table) -> PartnerName:
    return PartnerName(
        legal=table.string("legal", max_length=100),
        brand=table.string("brand", max_length=40),
        friends=table.text("friends", max_length=40),
    )


def _domains(root: Table) -> tuple[Domain, ...]:
    domains: list[Domain] = []
    for table in root.tables("domain", at_least=1):
        host = table.string("host", form=HOST, code="domain.format", max_length=253)
        if host in {domain.host for domain in domains}:
            table.problem("host", "partner.duplicate", f"the host {host!r} stands twice")
        domains.append(
            Domain(
                host=host,
                primary=table.has("primary") and table.flag("primary"),
                language=table.choice("language", Language) if table.has("language") else None,
                redirect_to_primary=table.has("redirect_to_primary") and table.flag("redirect_to_primary"),
            )
        )
    if domains and sum(domain.primary for domain in domains) != 1:
        root.problem("domain", "partner.primary_host", "exactly one [[domain]] has primary = true")
    return tuple(domains)


def _languages(table: Table) -> Languages:
    known = tuple(Language)
    offered = tuple(Language(word) for word in table.strings("offered", at_least=1) if word in known)
    for word in table.strings("offered"):
        if word not in known:
            table.problem("offered", "value.choice", f"{word!r} is no language", hint="de, fr, en")
    default = table.choice("default", Language)
    if offered and default not in offered:
        table.problem("default", "partner.language", f"the default {default!r} is not offered")
    formats = table.table("formats")
    for language in known:
        formats.has(language)
    return Languages(
        offered=offered,
        default=default,
        formats=MappingProxyType(
            {language: formats.string(language, form=LOCALE, code="partner.locale") for language in offered}
        ),
        address=_strings_by(table, "address"),
    )


def _money(table: Table) -> MoneyPolicy:
    currency = table.choice("currency", Currency)
    by_country: dict[str, Currency] = {}
    if table.has("currencies"):
        countries = table.table("currencies")
        for country in countries.keys():  # noqa: SIM118 -- a Table is no mapping
            if not COUNTRY.fullmatch(country):
                countries.problem(country, "partner.country", f"{country!r} is no country", hint="like DE")
            by_country[country] = countries.choice(country, Currency)
    if table.has("cash_rounding"):
        step = f"0.{CASH_STEP[currency]:02}"
        if table.string("cash_rounding") != step:
            table.problem("cash_rounding", "money.step", f"{currency} is rounded to {step}")
    return MoneyPolicy(currency, MappingProxyType(by_country), _vat_percent(table, currency))


def _vat_percent(table: Table, currency: Currency) -> Decimal | None:
    if not table.has("vat_percent"):
        return None
    percent = table.decimal("vat_percent", low="0", high="30", code="vat.range")
    if percent in _OUTDATED_VAT.get(currency, ()):
        message = f"{percent} % is no longer the rate"
        table.problem("vat_percent", "vat.outdated", message, hint='since 2024: "8.1"', warning=True)
    return percent


def _time_zone(root: Table) -> str:
    if not root.has("time_zone"):
        return DEFAULT_ZONE
    name = root.string("time_zone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        root.problem("time_zone", "partner.time_zone", f"{name!r} is no time zone", hint=DEFAULT_ZONE)
    return name


def _channels(table: Table) -> Mapping[str, Channel]:
    order = table.slugs("order", at_least=1)
    channels = {}
    for channel_id in order:
        details = table.table(channel_id) if table.has(channel_id) else None
        channels[channel_id] = _channel(channel_id, details)
    return MappingProxyType(channels)


def _channel(channel_id: str, table: Table | None) -> Channel:
    if table is None:
        return Channel(channel_id, name=None, phone=None, email=None, url=None, address=None, hours=None)
    return Channel(
        id=channel_id,
        name=table.text("name", max_length=40) if table.has("name") else None,
        phone=table.string("phone", form=PHONE, code="partner.phone") if table.has("phone") else None,
        email=table.string("email", form=EMAIL, code="partner.email") if table.has("email") else None,
        url=table.string("url", form=URL, code="partner.url") if table.has("url") else None,
        address=table.string("address") if table.has("address") else None,
        hours=table.text("hours", max_length=120) if table.has("hours") else None,
    )


def _regions(table: Table) -> Regions:
    stages: dict[str, frozenset[str]] = {}
    seen: dict[str, str] = {}
    for stage in _REGION_STAGES:
        codes = table.strings(stage)
        stages[stage] = frozenset(codes)
        for code in codes:
            known = frozenset(known_regions(code))
            if code not in known:
                hint = did_you_mean(code, known) or "ISO 3166-2 of CH, LI, AT or DE, like CH-BE"
                table.problem(stage, "partner.region", f"{code!r} is no region", hint=hint)
            if code in seen:
                table.problem(stage, "partner.duplicate", f"{code!r} is also {seen[code]}")
            seen[code] = stage
    if not stages["live"] | stages["pilot"]:
        table.problem(None, "partner.required", "no region is live or pilot")
    return Regions(**stages)


def _booking(table: Table) -> BookingPolicy:
    return BookingPolicy(
        free_cancel=table.duration("free_cancel", zero=True, most=_LONGEST_NOTICE),
        auto_confirm=table.duration("auto_confirm", most=_LONGEST_SILENCE),
    )


def _mail(table: Table) -> MailPolicy:
    return MailPolicy(
        sender=table.string("from", form=EMAIL, code="partner.email"),
        reply_to=table.string("reply_to", form=EMAIL, code="partner.email"),
        sender_name=table.string("sender_name", max_length=60),
    )


def _support(table: Table) -> Support:
    return Support(
        email=table.string("email", form=EMAIL, code="partner.email"),
        phone=table.string("phone", form=PHONE, code="partner.phone"),
        hours=table.text("hours", max_length=120),
        reply_within=table.duration("reply_within", most=_LONGEST_REPLY),
    )


def _escalation(table: Table, channels: Mapping[str, Channel]) -> Mapping[str, EscalationReason]:
    reasons: dict[str, EscalationReason] = {}
    for row in table.tables("reason", at_least=1):
        reason_id = row.slug("id")
        to = row.string("to") if row.has("to") and row.raw("to") else ""
        if not to:
            row.problem("to", "escalation.required", "a reason needs a channel the case goes to")
        elif to not in channels:
            hint = did_you_mean(to, channels) or f"channels: {', '.join(channels)}"
            row.problem("to", "partner.no_such", f"there is no channel {to!r}", hint=hint)
        if reason_id in reasons:
            row.problem("id", "partner.duplicate", f"reason {reason_id!r} stands twice")
        reasons[reason_id] = EscalationReason(
            id=reason_id,
            name=row.text("name", max_length=80),
            name_customer=row.text("name_customer", max_length=80) if row.has("name_customer") else None,
            to=to,
            share=frozenset(row.slugs("share")),
        )
    return MappingProxyType(reasons)


def _legal(table: Table, folder: Path, *, is_public: bool) -> Legal:
    pages = table.table("pages")
    stems = {page: pages.string(page, form=RELATIVE_FILE, code="plugin.path_escape") for page in _LEGAL_PAGES}
    for page, stem in stems.items():
        if not RELATIVE_FILE.fullmatch(stem):
            continue
        names = [f"{stem}.{language}.md" for language in Language]
        missing = [name for name in names if not (folder / name).is_file()]
        if missing:
            pages.problem(page, "file.not_found", f"there is no {', '.join(missing)}")
        elif is_public and any("[[" in (folder / name).read_text(encoding="utf-8") for name in names):
            hint = 'fill in what stands in [[ ]], or stay with status = "pilot"'
            pages.problem(page, "legal.gap", f"the texts of {stem} still have gaps", hint=hint)
    named_on = frozenset(table.strings("processor_named_on"))
    for page in named_on - set(_LEGAL_PAGES):
        hint = ", ".join(_LEGAL_PAGES)
        table.problem("processor_named_on", "partner.no_such", f"there is no page {page!r}", hint=hint)
    return Legal(table.string("controller"), MappingProxyType(stems), named_on)


def _dark_mode(root: Table) -> bool:
    if not root.has("theme"):
        return True
    theme = root.table("theme")
    if theme.has("name"):
        theme.string("name")
    return not theme.has("dark") or theme.flag("dark")


def _plugins(root: Table, manifests: Mapping[str, Manifest]) -> tuple[str, ...]:
    table = root.table("plugins")
    names = table.slugs("list")
    for name in names:
        if name not in manifests:
            hint = did_you_mean(name, manifests) or f"plugins: {', '.join(manifests)}"
            table.problem("list", "partner.unknown_plugin", f"there is no plugin {name!r}", hint=hint)
    return names


def _config(
    root: Table, plugins: tuple[str, ...], manifests: Mapping[str, Manifest], secrets: Secrets
) -> Mapping[str, Mapping[str, ConfigValue]]:
    # `plugin` may be the owner's id as a plain string, because TOML cannot hold both under one name.
    given = root.table("plugin") if root.has("plugin") and not isinstance(root.raw("plugin"), str) else None
    config: dict[str, Mapping[str, ConfigValue]] = {}
    for name in plugins:
        if name not in manifests:
            continue
        is_given = given is not None and given.has(name)
        table = given.table(name) if given is not None and is_given else root
        config[name] = filled_in(manifests[name].settings, table, is_given=is_given, secrets=secrets)
    return MappingProxyType(config)


def _forbidden_words(root: Table) -> tuple[str, ...]:
    if not root.has("forbidden_brands"):
        return ()
    table = root.table("forbidden_brands")
    table.has("allow")  # read by the brand crawler
    return table.strings("words")


def _strings_by(table: Table, key: str) -> Mapping[str, str]:
    if not table.has(key):
        return MappingProxyType({})
    inner = table.table(key)
    return MappingProxyType({name: inner.string(name) for name in inner.keys()})  # noqa: SIM118 -- see above
