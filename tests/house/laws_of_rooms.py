"""Laws of rooms and plugins: which files there are, who may look into which, who may write."""

import ast
import sys
from collections.abc import Iterator

from tests.house.law import Law, Page, imported, pages, where

#: Packages of the kernel that are floors; every other package is a room.
FLOORS = {"app", "base", "db", "i18n", "places", "plugin", "testing", "theming", "web"}

ROOM_FILES = {
    *("__init__", "rules", "events", "models", "queries", "service", "reactions"),
    *("pages_customer", "pages_friend", "pages_console", "api"),
}
DOORS = {"reactions", "pages_customer", "pages_friend", "pages_console", "api"}
PRIVATE = DOORS | {"models"}

#: What a plugin may import besides the contract, the ground floor and the standard library.
THIRD_PARTY = {
    "swisscom": {
        "httpx2": "talks to the ticket desk named in its manifest's outgoing_hosts",
        "standardwebhooks": "signs and checks the messages of that desk",
    },
}

_WRITES = {
    *(
        "create",
        "bulk_create",
        "update",
        "bulk_update",
        "delete",
        "save",
        "get_or_create",
        "update_or_create",
    ),
    *("unit_of_work", "publish", "record", "execute_query", "execute_script"),
}


def rooms() -> set[str]:
    """Return the names of all rooms."""
    packages = {p.parts[1] for p in pages() if p.is_kernel and len(p.parts) > 2 and p.name == "__init__.py"}
    return packages - FLOORS


def _room(page: Page) -> str | None:
    if not page.is_kernel or len(page.parts) < 3 or page.parts[1] in FLOORS:
        return None
    return page.parts[1]


def _in_room(page: Page) -> bool:
    return _room(page) is not None


def _file(*stems: str):
    return lambda page: _in_room(page) and page.name.removesuffix(".py") in stems


def _room_files(page: Page) -> Iterator[str]:
    if len(page.parts) != 3 or page.name.removesuffix(".py") not in ROOM_FILES or not page.name.endswith(".py"):
        yield f"'{page.name}' is no file of a room; a room has {', '.join(sorted(ROOM_FILES))}"


def _empty_init(page: Page) -> Iterator[str]:
    if len(page.tree.body) > 1 or not ast.get_docstring(page.tree):
        yield "a room's __init__ says what the room is for, and defines nothing"


def _private(page: Page) -> Iterator[str]:
    own, is_assembly = page.parts[1], page.parts[1] == "app"
    for node, name in imported(page.tree):
        parts = name.split(".")
        if len(parts) < 3 or parts[0] != "crowdcore" or parts[1] in FLOORS or parts[1] == own:
            continue
        if parts[2] in PRIVATE and not (is_assembly and parts[2] in DOORS):
            yield f"{where(node)}: {parts[1]}.{parts[2]} is private to its room"


def _doors_ask(page: Page) -> Iterator[str]:
    for node, name in imported(page.tree):
        if name.split(".")[0] in {"tortoise", "asyncpg", "sqlite3"} or name.startswith("crowdcore.db.sql"):
            yield f"{where(node)}: {name}: a page asks queries and calls a verb"
        elif name.startswith("crowdcore.") and "models" in name.split("."):
            yield f"{where(node)}: {name}: tables are for queries and service"


def _reads_only(page: Page) -> Iterator[str]:
    for node in ast.walk(page.tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in _WRITES:
            yield f"{where(node)}: {name}: queries read, the service writes"


def _pure(page: Page) -> Iterator[str]:
    for node in ast.walk(page.tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Global):
            yield f"{where(node)}: rules wait for nothing and remember nothing"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "print"}:
            yield f"{where(node)}: rules touch nothing outside"
    for node, name in imported(page.tree):
        if name.startswith(
            ("crowdcore.base.clock", "crowdcore.base.ids", "os.", "random", "secrets", "time.", "pathlib")
        ):
            yield f"{where(node)}: {name}: time and chance are given to a rule"
        elif name in {"os", "time", "socket", "subprocess"}:
            yield f"{where(node)}: {name}: rules touch nothing outside"


def _keywords(page: Page) -> Iterator[str]:
    for node in page.tree.body:
        if not isinstance(node, ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        is_fixed = len(positional) == 1 and positional[0] in HANDED_OVER
        if positional and not is_fixed and (page.path, node.name) not in POSITIONAL_VERBS:
            yield f"{where(node)}: {node.name} takes {', '.join(positional)} by position; verbs take keywords"


#: What the worker's tables and the hooks hand over as it is: a timer, an event, a case.
HANDED_OVER = {"due", "payload", "case"}

#: (file, verb) -> why it takes values by position.
POSITIONAL_VERBS = {
    (
        "crowdcore/jobs/service.py",
        "change",
    ): "the one compare-and-set behind every verb, called by rooms only: "
    "change(job_id, action, who) reads as a sentence",
}


def _contract_only(page: Page) -> Iterator[str]:
    plugin = page.parts[1]
    for node in ast.walk(page.tree):
        if isinstance(node, ast.ImportFrom) and (node.level or not node.module):
            yield f"{where(node)}: name the whole module"
            continue
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if not _plugin_may(plugin, name):
                yield f"{where(node)}: {name} is neither contract nor ground floor nor standard library"


def _plugin_may(plugin: str, name: str) -> bool:
    top = name.split(".", maxsplit=1)[0]
    if top == "crowdcore":
        return name in {"crowdcore.plugin", "crowdcore.base"} or name.startswith("crowdcore.base.")
    if top == "crowdcore_plugins":
        return name.startswith(f"crowdcore_plugins.{plugin}.") or name == f"crowdcore_plugins.{plugin}"
    return top in sys.stdlib_module_names or top in THIRD_PARTY.get(plugin, {})


def _asks_for_address(page: Page) -> Iterator[str]:
    for node in ast.walk(page.tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
        if node.attr in {"base_url", "url_for", "url_path_for"} or (node.attr == "url" and owner == "request"):
            yield f"{where(node)}: {node.attr}: the Host is the caller's choice; links are the portal's"


LAWS = (
    Law(
        says="a room has the files every room has, and no other",
        binds=_in_room,
        breaches=_room_files,
        good=(("crowdcore/jobs/rules.py", ""), ("crowdcore/jobs/pages_friend.py", "")),
        bad=(
            ("crowdcore/jobs/states.py", ""),
            ("crowdcore/jobs/pages.py", ""),
            ("crowdcore/jobs/templates/a.html", ""),
            ("crowdcore/invoices/invoicing.py", ""),
        ),
    ),
    Law(
        says="a room's __init__ introduces the room",
        binds=_file("__init__"),
        breaches=_empty_init,
        good=(("crowdcore/jobs/__init__.py", '"""Room: jobs."""\n'),),
        bad=(
            ("crowdcore/jobs/__init__.py", ""),
            ("crowdcore/jobs/__init__.py", '"""Room: jobs."""\nfrom crowdcore.jobs.rules import Job\n'),
        ),
    ),
    Law(
        says="a room keeps its tables, pages and reactions to itself",
        binds=lambda page: page.is_code and page.is_kernel and len(page.parts) > 2,
        breaches=_private,
        good=(
            ("crowdcore/dispatch/service.py", "from crowdcore.jobs import queries, service\n"),
            ("crowdcore/jobs/service.py", "from crowdcore.jobs import models\n"),
            (
                "crowdcore/app/routes.py",
                "from crowdcore.jobs import pages_friend\nfrom crowdcore.jobs.api import API\n",
            ),
            ("crowdcore/exams/api.py", "from crowdcore.web.api import ApiRoute\n"),
        ),
        bad=(
            ("crowdcore/dispatch/service.py", "from crowdcore.jobs import models\n"),
            ("crowdcore/dispatch/service.py", "from crowdcore.jobs.models import Job\n"),
            ("crowdcore/dispatch/api.py", "import crowdcore.jobs.api\n"),
            ("crowdcore/app/invariants.py", "from crowdcore.jobs.models import Job\n"),
            ("crowdcore/web/live.py", "from crowdcore.jobs import reactions\n"),
        ),
    ),
    Law(
        says="pages, operations and reactions ask queries and call verbs",
        binds=_file(*DOORS),
        breaches=_doors_ask,
        good=(("crowdcore/jobs/api.py", "from crowdcore.jobs import queries, service\n"),),
        bad=(
            ("crowdcore/jobs/api.py", "from crowdcore.jobs import models\n"),
            ("crowdcore/jobs/pages_friend.py", "from tortoise.expressions import Q\n"),
            ("crowdcore/jobs/reactions.py", "from crowdcore.db.sql import rows\n"),
        ),
    ),
    Law(
        says="queries read",
        binds=_file("queries"),
        breaches=_reads_only,
        good=(("crowdcore/jobs/queries.py", "async def job(): return await models.Job.get()\n"),),
        bad=(
            ("crowdcore/jobs/queries.py", "async def job(): await models.Job.filter(id=1).update(state=2)\n"),
            ("crowdcore/jobs/queries.py", "async def job(row): await row.save()\n"),
            (
                "crowdcore/jobs/queries.py",
                "from crowdcore.db.transaction import unit_of_work\n@unit_of_work\ndef f(): ...\n",
            ),
        ),
    ),
    Law(
        says="rules and events are pure: no waiting, no clock, no chance, no files",
        binds=_file("rules", "events"),
        breaches=_pure,
        good=(("crowdcore/jobs/rules.py", "from datetime import datetime\ndef late(now: datetime): ...\n"),),
        bad=(
            ("crowdcore/jobs/rules.py", "async def late(): ...\n"),
            ("crowdcore/jobs/rules.py", "from crowdcore.base import clock\n"),
            ("crowdcore/jobs/rules.py", "import random\n"),
            ("crowdcore/jobs/rules.py", "TEXT = open('x').read()\n"),
            ("crowdcore/jobs/rules.py", "def f():\n    global x\n    x = 1\n"),
        ),
    ),
    Law(
        says="verbs take keyword-only arguments",
        binds=_file("service"),
        breaches=_keywords,
        good=(
            ("crowdcore/jobs/service.py", "async def start(*, job_id): ...\nasync def _part(job): ...\n"),
            ("crowdcore/jobs/service.py", "async def on_timer(due, *, action): ...\n"),
        ),
        bad=(
            ("crowdcore/jobs/service.py", "async def start(job_id): ...\n"),
            ("crowdcore/jobs/service.py", "async def tell(topic, payload): ...\n"),
        ),
    ),
    Law(
        says="plugins know the contract and the ground floor, nothing else of the kernel",
        binds=lambda page: page.is_plugin_code,
        breaches=_contract_only,
        good=(
            (
                "plugins/energy/hooks.py",
                "import re\nfrom crowdcore.plugin import Denied\nfrom crowdcore.base.text import Text\n",
            ),
            (
                "plugins/swisscom/hooks.py",
                "import httpx2\nfrom crowdcore_plugins.swisscom.desk import send\n",
            ),
        ),
        bad=(
            ("plugins/energy/hooks.py", "from crowdcore.jobs.rules import Job\n"),
            ("plugins/energy/hooks.py", "from crowdcore import jobs\n"),
            ("plugins/energy/hooks.py", "from crowdcore.plugin.registry import Registry\n"),
            ("plugins/energy/hooks.py", "import httpx2\n"),
            ("plugins/energy/hooks.py", "from crowdcore_plugins.swisscom.hooks import send\n"),
            ("plugins/energy/hooks.py", "def f():\n    import tortoise\n"),
            ("plugins/energy/hooks.py", "from . import rules\n"),
        ),
    ),
    Law(
        says="no address is taken from the request",
        binds=lambda page: page.is_code,
        breaches=_asks_for_address,
        good=(("crowdcore/jobs/api.py", "link = portal().url('/de/jobs')\npath = theme.url('a')\n"),),
        bad=(
            ("crowdcore/jobs/api.py", "link = request.url\n"),
            ("crowdcore/jobs/api.py", "link = str(visit.request.url)\n"),
            ("crowdcore/jobs/api.py", "link = visit.request.base_url\n"),
            ("crowdcore/jobs/api.py", "link = request.url_for('x')\n"),
        ),
    ),
)
