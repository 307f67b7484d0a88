"""Laws every Python file keeps: short, introduced, with a reason for whatever is switched off."""

import ast
import re
from collections.abc import Iterator

from tests.house.law import Law, Page, functions, where

MOST_LINES = 400
MOST_BODY = 40
MOST_METHODS = 15

GENERATED = {
    "crowdcore/db/migrations/0001_initial.py": "written by `crowdcore db make-migration` from the models",
}

#: The only places where a task or a transaction may begin without unit_of_work and background.spawn.
TASK_PLACES = {
    "crowdcore/db/transaction.py": "this is unit_of_work",
    "crowdcore/db/background.py": "this is spawn",
    "crowdcore/db/migrate.py": "holds the migration lock on a connection of its own; awaited on the spot",
    "crowdcore/plugin/call.py": "awaits a hook within its limit; the dispatcher refuses to run inside a unit",
}

_TASKS = {"create_task", "ensure_future", "TaskGroup", "gather", "in_transaction", "atomic"}
_SWITCH = re.compile(
    r"#\s*(?:ruff:\s*)?(?P<kind>noqa|type:\s*ignore|pragma:\s*no ?(?:cover|branch)|(?:fmt|isort):\s*off)(?P<rest>.*)"
)


def _lines(page: Page) -> Iterator[str]:
    if len(page.lines) > MOST_LINES:
        yield f"has {len(page.lines)} lines, {MOST_LINES} is the most: it is two files"


def _docstring(page: Page) -> Iterator[str]:
    found = ast.get_docstring(page.tree)
    if not found or not page.text.startswith(('"""', 'r"""')):
        yield "line 1: the first line does not say what the file is for"


def _bodies(page: Page) -> Iterator[str]:
    for function in functions(page.tree):
        body = function.body
        if ast.get_docstring(function) is not None and len(body) > 1:
            body = body[1:]
        length = (body[-1].end_lineno or 0) - body[0].lineno + 1
        if length > MOST_BODY:
            yield f"{where(function)}: {function.name} has {length} lines of body, {MOST_BODY} is the most"


def _methods(page: Page) -> Iterator[str]:
    for node in ast.walk(page.tree):
        if isinstance(node, ast.ClassDef):
            public = [m.name for m in functions(ast.Module(node.body, [])) if not m.name.startswith("_")]
            if len(public) > MOST_METHODS:
                yield f"{where(node)}: {node.name} has {len(public)} public methods: it does everything"


def _reasons(page: Page) -> Iterator[str]:
    for number, line in enumerate(page.lines, start=1):
        for found in _SWITCH.finditer(line):
            kind, rest = found["kind"].replace(" ", ""), found["rest"]
            if kind == "noqa":
                fine = re.fullmatch(r":\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s+-- \S.*", rest)
            elif kind == "type:ignore":
                fine = re.fullmatch(r"\[[a-z-]+(,\s*[a-z-]+)*\]\s+# (?!noqa)\S.*", rest)
            else:
                fine = re.search(r"(--|#) \S", rest)
            if not fine:
                yield f"line {number}: '{found[0].strip()}' gives no reason"


def _tasks(page: Page) -> Iterator[str]:
    for node in ast.walk(page.tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in _TASKS:
            yield f"{where(node)}: {name} outside the named places; use unit_of_work or background.spawn"


def _is_code(page: Page) -> bool:
    return page.is_code


def _is_python(page: Page) -> bool:
    return page.path.endswith(".py") and not page.is_of_house


def _sample(body: str, path: str = "crowdcore/jobs/rules.py") -> tuple[str, str]:
    return path, body


LAWS = (
    Law(
        says="a file has at most 400 lines",
        binds=_is_python,
        breaches=_lines,
        good=(_sample("x = 1\n" * 400),),
        bad=(_sample("x = 1\n" * 401),),
        exempt=GENERATED,
    ),
    Law(
        says="the first line of a file says what it is for",
        binds=_is_code,
        breaches=_docstring,
        good=(_sample('"""What a job is."""\n'),),
        bad=(_sample("x = 1\n"), _sample('\n"""Too late."""\n'), _sample("# no docstring\nx = 1\n")),
        exempt=GENERATED,
    ),
    Law(
        says="the body of a function has at most 40 lines",
        binds=_is_code,
        breaches=_bodies,
        good=(_sample('def f():\n    """A.\n\n' + "    b\n" * 60 + '    """\n' + "    x = 1\n" * 40),),
        bad=(
            _sample("def f():\n" + "    x = 1\n" * 41),
            _sample("class A:\n    async def f():\n" + "        x = 1\n" * 41),
        ),
    ),
    Law(
        says="no class does everything",
        binds=_is_code,
        breaches=_methods,
        good=(
            _sample("class A:\n" + "".join(f"    def f{n}(self): ...\n    def _g{n}(self): ...\n" for n in range(15))),
        ),
        bad=(_sample("class A:\n" + "".join(f"    def f{n}(self): ...\n" for n in range(16))),),
        exempt={
            "crowdcore/i18n/formats.py": "one method for each way to write a figure; each is a filter",
            "crowdcore/plugin/schema.py": "one method for each kind of value a partner may write into a file",
        },
    ),
    Law(
        says="whatever is switched off gives its reason",
        binds=_is_python,
        breaches=_reasons,
        good=(
            _sample("x = 1  # noqa: S608 -- a table of ours\n"),
            _sample("x = 1  # noqa: S608, E501 -- a table of ours\n"),
            _sample("x = 1  # type: ignore[attr-defined]  # a mark on a function\n"),
        ),
        bad=(
            _sample("x = 1  # noqa\n"),
            _sample("x = 1  # noqa: S608\n"),
            _sample("x = 1  # noqa -- because\n"),
            _sample("x = 1  # type: ignore\n"),
            _sample("x = 1  # type: ignore[attr-defined]\n"),
            _sample("x = 1  # type: ignore[attr-defined]  # noqa: S608 -- a reason for the other one\n"),
            _sample("x = 1  # pragma: no cover\n"),
            _sample("# ruff: noqa\n"),
        ),
    ),
    Law(
        says="tasks and transactions begin in the named places only",
        binds=_is_code,
        breaches=_tasks,
        good=(_sample('"""A bare create_task leaks."""\nspawn(work(), name="x")\n'),),
        bad=(
            _sample("asyncio.create_task(work())\n"),
            _sample("loop.create_task(work())\n"),
            _sample("async with in_transaction() as c: ...\n"),
            _sample("async def f():\n    async with asyncio.TaskGroup() as g: ...\n"),
        ),
        exempt=TASK_PLACES,
    ),
)
