"""Refusals: a code is an API, a sentence is for a person, and its gaps are always filled."""

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from crowdcore.base.errors import Conflict, NotFound, Refusal, Rejected
from tests.house.loaded import modules, subclasses

#: code -> why several classes may answer with it.
SHARED = {
    "money.currency": "another currency than the one used here: typed into a form, or proposed as a price",
    "when.past": "bookings and agreements are strangers; both say the same sentence about a time",
    "when.too_far": "as when.past",
    "window.order": "as when.past",
}

_CODE = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)?")
_GAP = re.compile(r"%\((\w+)\)s")
_OWN_ARGUMENTS = {"fields", "retry_after_s", "said"}


def breaches(refusal: type[Refusal]) -> Iterator[str]:
    if "code" not in vars(refusal):
        yield "has no code of its own"
    if not _CODE.fullmatch(refusal.code):
        yield f"code {refusal.code!r} is not written like job.state_conflict"
    if not 400 <= refusal.status <= 599:
        yield f"status {refusal.status}"
    marks_fields = refusal.message == Rejected.message and issubclass(refusal, Rejected)
    if not refusal.message.strip() or ("message" not in vars(refusal) and not marks_fields):
        yield "says nothing to the person"
    gaps = set(_GAP.findall(refusal.message))
    rest = _GAP.sub("", refusal.message)
    if "%" in (rest.replace("%%", "") if gaps else rest):
        yield "has a stray %"
    if not inspect.getdoc(refusal) or inspect.getdoc(refusal) == inspect.getdoc(Refusal):
        yield "has no docstring"


@pytest.mark.parametrize("refusal", subclasses(Refusal), ids=lambda r: r.__name__)
def test_a_refusal_has_a_code_and_a_sentence(refusal):
    assert list(breaches(refusal)) == []


def test_one_code_means_one_thing():
    by_code: dict[str, list[str]] = {}
    for refusal in (Refusal, *subclasses(Refusal)):
        by_code.setdefault(refusal.code, []).append(refusal.__qualname__)
    shared = {code: names for code, names in by_code.items() if len(names) > 1 and code not in SHARED}
    assert shared == {}
    for code in SHARED:
        assert len({one.status for one in subclasses(Refusal) if one.code == code}) == 1, code
    assert all(len(by_code.get(code, [])) > 1 for code in SHARED), "an exemption that is not needed any more"


def unfilled(tree: ast.AST, known: dict[str, type[Refusal]]) -> Iterator[str]:
    """Yield every place that makes a refusal without filling the gaps of its sentence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            refusal = _refusal(node.func, known)
            given = {keyword.arg for keyword in node.keywords}
            if refusal is None or None in given or given & {"said"}:
                continue
            missing = set(_GAP.findall(refusal.message)) - given
        elif isinstance(node, ast.Raise) and node.exc is not None:
            refusal = _refusal(node.exc, known)
            missing = set(_GAP.findall(refusal.message)) if refusal else set()
        else:
            continue
        if refusal is not None and missing:
            yield f"line {node.lineno}: {refusal.__name__} without {', '.join(sorted(missing))}"


def _refusal(node: ast.expr, known: dict[str, type[Refusal]]) -> type[Refusal] | None:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return known.get(name)


def _known_in(module: ModuleType) -> dict[str, type[Refusal]]:
    found = {one.__name__: one for one in subclasses(Refusal)}
    own = {name: value for name, value in vars(module).items() if isinstance(value, type)}
    return {**found, **{name: value for name, value in own.items() if issubclass(value, Refusal)}}


def test_the_gaps_of_a_sentence_are_filled_where_it_is_said():
    for module in modules():
        found = list(unfilled(ast.parse(inspect.getsource(module)), _known_in(module)))
        assert found == [], module.__name__


class Right(Refusal):
    """The window has not come yet."""

    code = "sample.right"
    message = "You can start at %(earliest)s, 100 %% sure."


class Bare(Rejected):
    """Has nothing of its own."""


class Broken(NotFound):
    """Has a wrong code, status and sentence."""

    code = "Sample Wrong"
    status = 200
    message = "100 % wrong"


class Silent(Conflict):
    code = "sample.silent"
    message = " "


@pytest.mark.parametrize(("refusal", "count"), [(Right, 0), (Bare, 1), (Broken, 3), (Silent, 1)])
def test_the_law_notices(refusal, count):
    assert len(list(breaches(refusal))) == count


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("raise Right(earliest=1)", 0),
        ("raise Right(**facts)", 0),
        ("raise errors.Right(earliest=1, retry_after_s=2)", 0),
        ("raise Right(said=words)", 0),
        ("raise Bare", 0),
        ("raise Right", 1),
        ("raise errors.Right from error", 1),
        ("raise Right()", 1),
        ("problem = Right(latest=1)", 1),
    ],
)
def test_an_unfilled_gap_is_noticed(source, count):
    assert len(list(unfilled(ast.parse(source), {"Right": Right, "Bare": Bare}))) == count
