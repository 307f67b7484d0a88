"""Finds messages in source code: marked ones, and the sentences of refusals, which cannot be marked.

`crowdcore.base` may not import this floor, so a Refusal's `message` is a bare string. It is found
in the syntax tree instead of by importing every room: the command works when a room does not import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, cast

from babel.messages.extract import extract_python

from crowdcore.base.errors import Fault

#: What Babel asks of an extractor: line, function name (None: a plain message), message(s), comments.
Found = tuple[int, str | None, str | tuple[str, ...], list[str]]

_MESSAGE_ARGUMENT = 2  # FieldProblem(pointer, code, message)


def extract_crowdcore(
    file: BinaryIO, keywords: Mapping[str, object], comment_tags: Sequence[str], options: Mapping[str, str]
) -> Iterator[Found]:
    """Yield every message of a Python file (a Babel extraction method, named in ``locales/babel.cfg``).

    Raises:
        Fault: a class sets `message` to something that is not a literal string.
    """
    # The library's annotation has the four parts in another order than its code gives them.
    yield from cast("Iterator[Found]", extract_python(file, keywords, comment_tags, options))  # type: ignore[arg-type]  # -- Babel has no types here
    file.seek(0)
    tree = ast.parse(file.read(), filename=getattr(file, "name", "<source>"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from _class_messages(node)
        elif isinstance(node, ast.Call):
            yield from _field_problem(node)


def _class_messages(node: ast.ClassDef) -> Iterator[Found]:
    """Yield ``message = "..."`` of a class body."""
    for statement in node.body:
        value = _value_of(statement, "message")
        if value is None:
            continue
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            if value.value:
                yield value.lineno, None, value.value, []
        elif _looks_like_refusal(node):
            raise Fault(f"class {node.name}, line {value.lineno}: write `message` as one literal string")


def _value_of(statement: ast.stmt, name: str) -> ast.expr | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
            return value
        case ast.AnnAssign(target=ast.Name(id=found), value=value) if found == name:
            return value
        case _:
            return None


def _looks_like_refusal(node: ast.ClassDef) -> bool:
    return any(isinstance(_value_of(statement, "code"), ast.Constant) for statement in node.body)


def _field_problem(node: ast.Call) -> Iterator[Found]:
    """Yield the sentence of ``FieldProblem(pointer, code, "...")`` when it is a bare string."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name != "FieldProblem":
        return
    for value in _message_arguments(node):
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
            yield value.lineno, None, value.value, []


def _message_arguments(node: ast.Call) -> Iterable[ast.expr]:
    yield from node.args[_MESSAGE_ARGUMENT : _MESSAGE_ARGUMENT + 1]
    yield from (keyword.value for keyword in node.keywords if keyword.arg == "message")
