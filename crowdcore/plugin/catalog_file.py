"""catalog.toml: reads a partner's catalogue, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from crowdcore.base.money import Currency, Money
from crowdcore.plugin.content_catalog import (
    Catalog,
    Category,
    EscalationRow,
    Family,
    Icon,
    Minutes,
    OnDemand,
    PriceRange,
    Product,
    SafetyCheck,
    Service,
    ServiceKind,
)
from crowdcore.plugin.content_partner import PartnerSettings
from crowdcore.plugin.problems import FileProblem, did_you_mean
from crowdcore.plugin.schema import ContentFile, Table

CATALOG_FILE = "catalog.toml"

_SHORTEST, _LONGEST = 5, 480
_CROWD_CHANNELS = frozenset({"friend", "profi"})


def read_catalog(
    path: Path, *, partner: PartnerSettings, exams: Iterable[str]
) -> tuple[Catalog, tuple[FileProblem, ...]]:
    """Read catalog.toml.

    Args:
        path: the file.
        partner: its partner, for currencies, channels and escalation reasons.
        exams: ids of the partner's exams, the unreadable ones included.

    Returns:
        The catalogue, and warnings.

    Raises:
        ContentError: everything that is wrong with the file.
    """
    is_swiss = partner.languages.formats.get("de") == "de-CH"
    file = ContentFile.open(path, kind="catalog", swiss=is_swiss)
    reader = _Reader(file.root, partner, frozenset(exams))
    catalog = Catalog(
        categories=reader.categories,
        products=reader.products,
        services=reader.services(),
        content_hash=file.content_hash,
    )
    return catalog, file.finish()


class _Reader:
    """Reads one catalogue from top to bottom: services name categories and products."""

    def __init__(self, root: Table, partner: PartnerSettings, exams: frozenset[str]) -> None:
        self._root = root
        self._partner = partner
        self._exams = exams
        root.integer("schema", low=1, high=1)
        if root.choice("currency", Currency) is not partner.money.currency:
            message = f"the currency is not {partner.money.currency} as in partner.toml"
            root.problem("currency", "money.currency", message)
        self._lines: dict[tuple[str, str], int] = {}
        self.categories = self._categories()
        self.products = self._products()

    def services(self) -> Mapping[str, Service]:
        read = [self._service(row) for row in self._root.tables("service", at_least=1)]
        return MappingProxyType({service.id: service for service in read})

    def _categories(self) -> Mapping[str, Category]:
        read = [
            Category(self._new_id(row, "category"), row.choice("icon", Icon), row.text("name", max_length=30))
            for row in self._root.tables("category", at_least=1)
        ]
        return MappingProxyType({category.id: category for category in read})

    def _products(self) -> Mapping[str, Product]:
        read = [
            Product(self._new_id(row, "product"), self._category(row), row.text("name", max_length=40))
            for row in self._root.tables("product")
        ]
        return MappingProxyType({product.id: product for product in read})

    def _service(self, row: Table) -> Service:
        channels = self._known(row, "channels", self._partner.channels, "channel", at_least=1)
        checks = tuple(
            SafetyCheck(check.slug("work"), check.text("question", max_length=160)) for check in row.tables("check")
        )
        return Service(
            id=self._new_id(row, "service"),
            category=self._category(row),
            family=row.choice("family", Family),
            kind=row.choice("kind", ServiceKind),
            products=self._known(row, "products", self.products, "product"),
            channels=channels,
            exam=self._exam(row, channels),
            licence=row.slug("licence") if row.has("licence") else None,
            minutes=_minutes(row.table("minutes")),
            prices=self._prices(row),
            on_demand=self._on_demand(row.table("on_demand")),
            escalate=tuple(self._escalation_row(rule) for rule in _one_or_more(row, "escalate")),
            checks=checks,
            safety=frozenset(row.slugs("safety")) | {check.work for check in checks},
            title=row.text("title", max_length=60),
            summary=row.text("summary", max_length=160),
            steps=row.texts("steps", max_length=200),
            includes=row.texts("includes", max_length=160),
            excludes=row.texts("excludes", max_length=160),
            long=row.text("long", max_length=4_000, multiline=True) if row.has("long") else None,
            retired=row.has("retired") and row.flag("retired"),
        )

    def _new_id(self, row: Table, sort: str) -> str:
        row_id = row.slug("id")
        first = self._lines.setdefault((sort, row_id), row.line)
        if first != row.line:
            message = f"the {sort} {row_id!r} stands twice"
            row.problem("id", "catalog.duplicate", message, hint=f"first on line {first}")
        return row_id

    def _category(self, row: Table) -> str:
        category = row.slug("category")
        if category and category not in self.categories:
            _no_such(row, "category", f"category {category!r}", did_you_mean(category, self.categories))
        return category

    def _known(self, row: Table, key: str, known: Iterable[str], sort: str, *, at_least: int = 0) -> tuple[str, ...]:
        names = row.slugs(key, at_least=at_least)
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
                _no_such(row, key, f"{sort} {name!r}", hint)
        return names

    def _exam(self, row: Table, channels: tuple[str, ...]) -> str | None:
        if row.has("exam"):
            exam = row.slug("exam")
            if exam and exam not in self._exams:
                hint = did_you_mean(exam, self._exams) or f"exams: {', '.join(sorted(self._exams))}"
                row.problem("exam", "exam.unknown", f"there is no exam {exam!r}", hint=hint)
            return exam
        if _CROWD_CHANNELS & set(channels):
            hint = 'name one: exam = "..."'
            row.problem(None, "product.no_qualification", "Friends may do it without an exam", hint=hint)
        return None

    def _prices(self, row: Table) -> Mapping[Currency, PriceRange]:
        known_problems = len(row.file.problems)
        tables = self._by_currency(row, "price")
        prices = {currency: _price_range(table, currency) for currency, table in tables.items()}
        self._check_complete(row, "price", prices, known_problems)
        return MappingProxyType(prices)

    def _by_currency(self, row: Table, key: str) -> Mapping[Currency, Table]:
        table = row.table(key)
        if table.has("guide"):  # the short form, for partners with one currency
            return {self._partner.money.currency: table}
        return {currency: table.table(currency) for currency in self._currencies(table)}

    def _check_complete(self, table: Table, key: str, given: Iterable[Currency], known_problems: int) -> None:
        """Note the currencies an amount is missing in, unless something else is wrong with it already."""
        missing = sorted(self._partner.money.all - set(given))
        if missing and table.has(key) and len(table.file.problems) == known_problems:
            table.problem(key, "money.currency", f"{key} is not given in {', '.join(missing)}")

    def _currencies(self, table: Table) -> Iterable[Currency]:
        for word in table.keys():  # noqa: SIM118 -- a Table is no mapping
            if word in self._partner.money.all:
                yield Currency(word)
            else:
                known = ", ".join(sorted(self._partner.money.all))
                table.problem(word, "money.currency", f"{word!r} is no currency here", hint=known)

    def _on_demand(self, table: Table) -> OnDemand:
        allowed = table.flag("allowed")
        extra: dict[Currency, Money] = {}
        known_problems = len(table.file.problems)
        if table.has("extra"):
            if isinstance(table.raw("extra"), str):
                extra[self._partner.money.currency] = table.money("extra", self._partner.money.currency)
            else:
                amounts = table.table("extra")
                extra = {word: amounts.money(word, word) for word in self._currencies(amounts)}
            self._check_complete(table, "extra", extra, known_problems)
        return OnDemand(allowed, MappingProxyType(extra))

    def _escalation_row(self, table: Table) -> EscalationRow:
        to = table.string("to") if table.has("to") and table.raw("to") else ""
        if not to:
            table.problem("to", "escalation.required", "the case needs a channel it goes to")
        elif to not in self._partner.channels:
            _no_such(table, "to", f"channel {to!r}", did_you_mean(to, self._partner.channels))
        return EscalationRow(
            when=frozenset(self._known(table, "when", self._partner.escalation, "reason", at_least=1)),
            to=to,
            share=frozenset(table.slugs("share")),
        )


def _minutes(table: Table) -> Minutes:
    minutes = Minutes(
        typical=table.integer("typical", low=_SHORTEST, high=_LONGEST, code="duration.format"),
        max=table.integer("max", low=_SHORTEST, high=_LONGEST, code="duration.format"),
    )
    if minutes.typical > minutes.max:
        table.problem("typical", "duration.order", f"typical {minutes.typical} is more than max {minutes.max}")
    return minutes


def _price_range(table: Table, currency: Currency) -> PriceRange:
    known_problems = len(table.file.problems)
    price = PriceRange(*(table.money(key, currency) for key in ("guide", "low", "high")))
    if len(table.file.problems) > known_problems:
        return price
    if not price.low <= price.guide <= price.high:
        low, guide, high = (table.raw(key) for key in ("low", "guide", "high"))
        table.problem("guide", "price.order", f"low {low}, guide {guide}, high {high} do not rise")
    elif not price.guide.cents and table.has("guide"):
        table.problem("guide", "price.zero", "the guide price is nothing")
    return price


def _one_or_more(row: Table, key: str) -> Iterable[Table]:
    """Read ``key = { ... }`` or ``[[key]]``."""
    if row.has(key) and isinstance(row.raw(key), dict):
        return [row.table(key)]
    return row.tables(key)


def _no_such(row: Table, key: str, what: str, hint: str) -> None:
    row.problem(key, "catalog.no_such", f"there is no {what}", hint=hint)
