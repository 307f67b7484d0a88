"""What is said at a field when the gazetteer has no answer to what somebody typed."""

from __future__ import annotations

from crowdcore.base.errors import FieldProblem
from crowdcore.i18n.translations import mark as _
from crowdcore.places.rules import Unknown, UnknownReason

_LONGEST_SHOWN = 60


def place_problem(unknown: Unknown, typed: str) -> FieldProblem:
    """Return what is said at the field `place` when the gazetteer has no answer to what was typed."""
    shown, near = typed[:_LONGEST_SHOWN], ", ".join(place.label for place in unknown.suggestions[:3])
    if unknown.reason is UnknownReason.EMPTY:
        return FieldProblem("/place", "place.empty", _("Enter a postcode or place, for example 3097 Liebefeld."))
    if unknown.reason is UnknownReason.STREET:
        message = _("Add the postcode or place to the street, for example Bahnhofstrasse 1, 8001 Zürich.")
        return FieldProblem("/place", "place.street", message)
    if near:
        message = _("We do not know “%(typed)s”. Did you mean %(near)s?")
        return FieldProblem("/place", "place.unknown", message, (("typed", shown), ("near", near)))
    message = _("We do not know “%(typed)s”. Enter a postcode or place, for example 3097 Liebefeld.")
    return FieldProblem("/place", "place.unknown", message, (("typed", shown),))
