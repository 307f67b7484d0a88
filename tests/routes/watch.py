"""What is looked at around every request: rows that changed, and words that got where they must not."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache

import httpx2
from tortoise.connection import get_connection

from crowdcore.accounts.rules import STAFF
from crowdcore.db.config import tortoise_config
from crowdcore.settings import settings
from tests.conftest import ON_POSTGRES
from tests.house.loaded import modules
from tests.routes.town import FAMILY, STREET, Someone, Town

SESSIONS = "accounts_session"

Table = Mapping[str, tuple[object, ...]]
"""Row id -> the row."""


@dataclass(frozen=True, slots=True)
class Photo:
    """Every row of one partner at one moment."""

    tables: Mapping[str, Table]

    def changed(self, later: Photo) -> list[str]:
        """Return one line per row that is new, gone or different in `later`."""
        return [
            f"{table}: {row}"
            for table, rows in self.tables.items()
            for row in sorted(rows.keys() | later.tables[table].keys())
            if rows.get(row) != later.tables[table].get(row)
        ]

    def effect(self, later: Photo) -> Counter[str]:
        """Return how many rows of each table are new, changed or gone in `later`."""
        found: Counter[str] = Counter()
        for table, rows in self.tables.items():
            after = later.tables[table]
            found[f"{table} new"] = len(after.keys() - rows.keys())
            found[f"{table} gone"] = len(rows.keys() - after.keys())
            found[f"{table} changed"] = sum(rows[row] != after[row] for row in rows.keys() & after.keys())
        return +found


@dataclass(frozen=True, slots=True)
class Watch:
    """Both towns as they were when the test began."""

    towns: tuple[Town, Town]
    before: tuple[Photo, Photo]

    async def changes(self) -> list[list[str]]:
        """Return what is not any more as it was, in each town."""
        return [one.changed(await photo(town.partner)) for town, one in zip(self.towns, self.before, strict=True)]

    async def nothing_changed(self) -> None:
        """Fail if anything at all has changed in either town."""
        assert await self.changes() == [[], []]


@cache
def _tables() -> tuple[str, ...]:
    """Return every table with rows that belong to a partner."""
    names = tortoise_config(settings())["apps"]["crowdcore"]["models"]
    models = [model for module in modules() if module.__name__ in names for model in module.__models__]
    return tuple(model._meta.db_table for model in models if "partner_id" in model._meta.fields_map)


async def photo(partner: str) -> Photo:
    """Take a picture of every row that belongs to a partner.

    The moment at which a session was last used is left out: reading a page writes it.
    """
    queries = [f"SELECT * FROM \"{table}\" WHERE partner_id = '{partner}'" for table in _tables()]
    answers = await _on_postgres(queries) if ON_POSTGRES else _on_sqlite(queries)
    return Photo({table: _table(table, *answer) for table, answer in zip(_tables(), answers, strict=True)})


Answer = tuple[list[str], list[tuple[object, ...]]]
"""Names of the columns, and the rows."""


def _on_sqlite(queries: list[str]) -> list[Answer]:
    """Ask the file itself: forty queries before and after every test are too many for the way over a thread."""
    with closing(sqlite3.connect(settings().sqlite_path)) as file:
        cursors = [file.execute(query) for query in queries]
        return [([column[0] for column in cursor.description], cursor.fetchall()) for cursor in cursors]


async def _on_postgres(queries: list[str]) -> list[Answer]:
    answers = [await get_connection("default").execute_query_dict(query) for query in queries]
    return [(list(rows[0]) if rows else ["id"], [tuple(row.values()) for row in rows]) for rows in answers]


def _table(table: str, names: list[str], rows: list[tuple[object, ...]]) -> Table:
    key = names.index("seq" if "seq" in names else "id")
    unseen = names.index("used_at") if table == SESSIONS and rows else len(names)
    return {str(row[key]): (*row[:unseen], *row[unseen + 1 :]) for row in rows}


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whoever gets an answer, and what they may see.

    Args:
        town: the portal they talk to.
        other: the town of the other partner; nothing of it may be seen.
        someone: who they are there; None for nobody.
    """

    town: Town
    other: Town
    someone: Someone | None

    def check(self, text: str, *, where: str, sent: Iterable[str] = ()) -> None:
        """Fail if `text` holds anything that is not for these eyes.

        Args:
            text: what they got.
            where: for the message.
            sent: what they said themselves; an echo tells them nothing.
        """
        for own in sorted(sent, key=len, reverse=True):
            text = text.replace(own, "") if own else text
        assert not (found := self._of_others(text)), f"{where}: {found} of another partner"
        streets = set(re.findall(rf"{self.town.word}([a-z]+){STREET}", text))
        assert streets <= self._streets(), f"{where}: {self._who} sees where {streets - self._streets()} is"
        if self.someone is None or self.someone.role not in STAFF:
            names = set(re.findall(rf"(\w+){self.town.word}[\s+]{self.town.word}{FAMILY}", text))
            mine = {self.someone.key.title()} if self.someone else set()
            assert names <= mine, f"{where}: {self._who} sees the family name of {names - mine}"

    @property
    def _who(self) -> str:
        return self.someone.key if self.someone else "nobody"

    def _of_others(self, text: str) -> list[str]:
        folded = text.lower()
        return [one for one in marks(self.other) if one.lower() in folded]

    def _streets(self) -> set[str]:
        if self.someone is None:
            return set()
        jobs = {name.partition(":")[2] for name in self.town.ids if name.startswith("job:")}
        if self.someone.role in STAFF:
            return jobs
        if self.someone.role == "customer":
            theirs = {"ottos"}
            return theirs if self.someone.key == "otto" else jobs - theirs
        return HELD.get(self.someone.key, set())


def marks(town: Town) -> list[str]:
    """Return what betrays a town: its word, its ids, the numbers of its jobs, its people's addresses."""
    ids = [one for name, one in town.ids.items() if ":" in name]
    people = [one for who in town.people.values() for one in (who.account_id, who.email, who.token, who.session)]
    return [town.word, *ids, *town.numbers.values(), *people]


HELD = {"anna": {"assigned", "priced", "offered"}, "fritz": {"started"}, "beat": {"ottos"}}
"""Who has accepted and not finished what: they alone of the crowd may know where it is."""


def everything(response: httpx2.Response) -> str:
    """Return an answer as one text: headers and body."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.multi_items())
    return f"{headers}\n\n{response.text}"


def scrubbed(response: httpx2.Response, sent: Iterable[str]) -> tuple[int, str]:
    """Return status and body without what differs from request to request: references, what was sent."""
    body = response.text.replace(response.headers["x-request-id"], "#")
    for own in sorted(set(sent), key=len, reverse=True):
        body = body.replace(own, "?") if len(own) >= SHORT else body.replace(f"/{own}", "/?")
    return response.status_code, re.sub(r"\bf_[A-Za-z0-9_-]{20,}", "key", body)


SHORT = 6
"""What is shorter than this stands in many texts by chance; it is looked for in paths only."""
