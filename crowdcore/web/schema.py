"""From the validation library's errors to our own: a pointer, a stable code, a sentence to translate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from crowdcore.base.errors import FieldProblem, Refusal
from crowdcore.i18n.translations import mark as _

MOST_PROBLEMS = 50

LONGEST_NAME = 80
"""A wrong field's name is somebody's own text; this much of it is said again."""

#: Code, message and the message's values.
_Said = tuple[str, str, dict[str, str | int]]

_LISTS = frozenset({list, tuple, set, frozenset})

#: Fields that answers carry and nobody may send.
READ_ONLY = frozenset({"id", "partner_id", "state", "version", "number", "created_at", "updated_at"})

_TYPES = {
    "string_type": _("Expected text."),
    "int_type": _("Expected a whole number."),
    "int_parsing": _("Expected a whole number."),
    "int_from_float": _("Expected a whole number."),
    "int_parsing_size": _("Expected a whole number."),
    "float_type": _("Expected a number."),
    "float_parsing": _("Expected a number."),
    "finite_number": _("Expected a number."),
    "bool_type": _("Expected true or false."),
    "bool_parsing": _("Expected true or false."),
    "list_type": _("Expected a list."),
    "tuple_type": _("Expected a list."),
    "set_type": _("Expected a list."),
    "frozen_set_type": _("Expected a list."),
    "dict_type": _("Expected an object."),
    "model_type": _("Expected an object."),
    "model_attributes_type": _("Expected an object."),
    "dataclass_type": _("Expected an object."),
    "none_required": _("Expected nothing (null)."),
    "uuid_type": _("Expected an id."),
    "uuid_parsing": _("Expected an id."),
    "uuid_version": _("Expected an id."),
    "datetime_type": _("Expected a time such as 2026-10-25T14:30:00+01:00."),
    "date_type": _("Expected a date such as 2026-10-25."),
}
_TIMES = frozenset(
    {
        "datetime_parsing", "datetime_object_invalid", "datetime_from_date_parsing", "date_parsing",
        "date_from_datetime_parsing", "date_from_datetime_inexact", "time_parsing",
    }
)  # fmt: skip

_BOUNDS = {
    "greater_than_equal": ("number.range", _("At least %(min)s, please."), "min", "ge"),
    "greater_than": ("number.range", _("More than %(min)s, please."), "min", "gt"),
    "less_than_equal": ("number.range", _("At most %(max)s, please."), "max", "le"),
    "less_than": ("number.range", _("Less than %(max)s, please."), "max", "lt"),
    "string_too_long": ("field.too_long", _("At most %(max)s characters, please."), "max", "max_length"),
    "string_too_short": ("field.too_short", _("At least %(min)s characters, please."), "min", "min_length"),
    "too_long": ("list.too_long", _("At most %(max)s entries, please."), "max", "max_length"),
    "too_short": ("list.too_short", _("At least %(min)s entries, please."), "min", "min_length"),
}


def problems_of(error: ValidationError, model: type[BaseModel]) -> tuple[FieldProblem, ...]:
    """Return one problem per wrong field, at most `MOST_PROBLEMS`, in the order of the input's fields."""
    found = error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]
    return tuple(_problem(detail, model) for detail in found)


def strings_for(
    typed: Mapping[str, tuple[str, ...]], model: type[BaseModel], duplicate: type[Refusal]
) -> dict[str, Any]:
    """Return what a form or a query says, ready for `model`; a field left empty counts as not sent.

    Args:
        typed: name -> everything given under it.
        model: says which fields hold lists.
        duplicate: refusal for a field that holds one value and was given twice.
    """
    values: dict[str, Any] = {}
    for name, sent in typed.items():
        field = model.model_fields.get(name)
        if field is not None and get_origin(field.annotation) in _LISTS:
            values[name] = tuple(text for text in sent if text)
        elif len(sent) > 1:
            raise duplicate(name=ascii(name)[1:81])
        elif sent[0] != "":
            values[name] = sent[0]
    return values


def pointer_of(location: tuple[int | str, ...]) -> str:
    """Return the JSON pointer of a place (RFC 6901), ``/`` for the whole input; long names are cut."""
    parts = (str(part)[:LONGEST_NAME] for part in location)
    return "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)


def _problem(detail: ErrorDetails, model: type[BaseModel]) -> FieldProblem:
    code, message, params = _say(detail, model)
    return FieldProblem(pointer_of(detail["loc"]), code, message, tuple(params.items()))


def _say(detail: ErrorDetails, model: type[BaseModel]) -> _Said:
    kind, context = detail["type"], detail.get("ctx", {})
    if "." in kind:  # our own, made by fields.wrong()
        return kind, str(context["message"]), {k: v for k, v in context.items() if k != "message"}
    if kind in _TYPES:
        return "schema.type", _TYPES[kind], {}
    if kind in _TIMES:
        return "time.invalid", _("This is not a valid date or time."), {}
    if kind == "missing":
        return "field.required", _("Please fill in this field."), {}
    if kind == "extra_forbidden":
        return _unknown(detail["loc"], model)
    if kind == "timezone_aware":
        message = _("Please add the time zone, for example 2026-10-25T02:30:00+02:00.")
        return "time.zone_required", message, {}
    if kind in {"enum", "literal_error"}:
        return "field.choice", _("Allowed here: %(allowed)s."), {"allowed": str(context.get("expected", ""))}
    return _bounds(kind, context)


def _bounds(kind: str, context: Mapping[str, Any]) -> _Said:
    if kind not in _BOUNDS:
        return "schema.invalid", _("This value does not fit here."), {}
    code, message, name, given = _BOUNDS[kind]
    return code, message, {name: str(context[given])}


def _unknown(location: tuple[int | str, ...], model: type[BaseModel]) -> _Said:
    name = str(location[-1])
    if name in READ_ONLY:
        return "schema.read_only", _("The portal itself sets this field; leave it out."), {}
    near = get_close_matches(name, list(_names(model)), 1, 0.6)
    if near:
        message = _("There is no field of this name. Did you mean %(near)s?")
        return "schema.unknown_field", message, {"near": near[0]}
    return "schema.unknown_field", _("There is no field of this name."), {}


def _names(model: type[BaseModel]) -> Iterator[str]:
    """Yield the names of the fields of a model and of the models inside it."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _names(inner)
