"""What a plugin may answer: every result is checked like a user's input before the core believes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from crowdcore.base.money import Money
from crowdcore.base.text import Text
from crowdcore.plugin.facts import OUTCOMES, Denied, Guide, HandBack, Receipt

MAX_REASON = 400
MAX_NOTES = 5
MAX_GUIDE_NOTE = 200
MAX_REF = 200
MAX_MESSAGE_ID = 255
MAX_HAND_BACK_NOTE = 4_000
MAX_TIMES_FILE_PRICE = 10

_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_MAX_CODE = 80
_T = TypeVar("_T")


class BadResult(Exception):
    """An answer out of bounds.

    Args:
        code: ``hook.result_type``, ``hook.result_range``, ``hook.result_size`` or ``hook.result_ids``.
        message: what was expected and what came.
    """

    def __init__(self, code: str, message: str) -> None:
        """Keep code and message."""
        self.code = code
        super().__init__(message)


def checked_denied(value: object) -> Denied | None:
    """Return `value` as a veto's answer; raise BadResult when it is none."""
    if value is None:
        return None
    denied = _of_type(value, Denied, "Denied or None")
    code = _of_type(denied.code, str, "a code of type str")
    if len(code) > _MAX_CODE or not _CODE.fullmatch(code):
        raise BadResult("hook.result_range", f"the code {code[:_MAX_CODE]!r} is not like 'plugin.reason'")
    _text(denied.reason, MAX_REASON, "reason")
    return denied


def checked_guide(value: object, first: Guide) -> Guide | None:
    """Return `value` as a guide price, rounded to the cash step.

    Args:
        value: the answer.
        first: the price from the file, which sets currency and upper bound.

    Raises:
        BadResult: wrong type, other currency, amounts in the wrong order or out of bounds.
    """
    if value is None:
        return None
    guide = _of_type(value, Guide, "Guide or None")
    low, amount, high = (_money(part, first) for part in (guide.low, guide.amount, guide.high))
    ceiling = first.amount.cents * MAX_TIMES_FILE_PRICE
    if not 0 <= low.cents <= amount.cents <= high.cents <= ceiling:
        raise BadResult(
            "hook.result_range",
            f"{low.cents}, {amount.cents}, {high.cents} cents do not rise from low to high in 0..{ceiling}",
        )
    notes = _of_type(guide.notes, tuple, "notes as a tuple of Text")
    if len(notes) > MAX_NOTES:
        raise BadResult("hook.result_size", f"{len(notes)} notes, at most {MAX_NOTES}")
    for note in notes:
        _text(note, MAX_GUIDE_NOTE, "note")
    return Guide(amount.rounded(), low.rounded(), high.rounded(), notes)


def checked_denials(value: object, ids: Collection[UUID]) -> dict[UUID, Denied] | None:
    """Return `value` as denials by Friend id, ids from `ids` only; raise BadResult when it is none."""
    if value is None:
        return None
    answers = {}
    for friend_id, answer in _by_friend(value, ids).items():
        denied = checked_denied(answer)
        if denied is None:
            raise BadResult("hook.result_type", "a Friend without objection is left out, not given as None")
        answers[friend_id] = denied
    return answers


def checked_scores(value: object, ids: Collection[UUID]) -> dict[UUID, float] | None:
    """Return `value` as finite scores from -1 to 1 by Friend id; raise BadResult when it is none."""
    if value is None:
        return None
    return {friend_id: _score(score) for friend_id, score in _by_friend(value, ids).items()}


def checked_receipt(value: object) -> Receipt | None:
    """Return `value` as a receipt; raise BadResult when it is none."""
    if value is None:
        return None
    receipt = _of_type(value, Receipt, "Receipt or None")
    _line(receipt.ref, MAX_REF, "ref")
    if _of_type(receipt.at, datetime, "at as a datetime").utcoffset() is None:
        raise BadResult("hook.result_range", "at has no time zone; use crowdcore.base.clock.now()")
    return receipt


def checked_hand_back(value: object) -> HandBack | None:
    """Return `value` as a hand-back; raise BadResult when it is none."""
    if value is None:
        return None
    answer = _of_type(value, HandBack, "HandBack or None")
    _of_type(answer.case_id, UUID, "case_id as a UUID")
    _line(answer.message_id, MAX_MESSAGE_ID, "message_id")
    if answer.outcome not in OUTCOMES:
        raise BadResult("hook.result_range", f"outcome is not one of {', '.join(OUTCOMES)}")
    length = len(_of_type(answer.note, str, "note as str"))
    if length > MAX_HAND_BACK_NOTE:
        raise BadResult("hook.result_size", f"note has {length} characters, at most {MAX_HAND_BACK_NOTE}")
    return answer


def _of_type(value: object, kind: type[_T], expected: str) -> _T:
    if not isinstance(value, kind):
        raise BadResult("hook.result_type", f"expected {expected}, got {type(value).__name__}")
    return value


def _text(value: object, max_length: int, what: str) -> None:
    text = _of_type(value, Text, f"{what} as Text")
    for language in ("de", "fr", "en"):
        sentence = _of_type(getattr(text, language), str, f"{what}.{language} as str")
        if not sentence.strip():
            raise BadResult("hook.result_range", f"{what}.{language} is empty")
        if len(sentence) > max_length:
            raise BadResult(
                "hook.result_size", f"{what}.{language} has {len(sentence)} characters, at most {max_length}"
            )


def _line(value: object, max_length: int, what: str) -> None:
    line = _of_type(value, str, f"{what} as str")
    if len(line) > max_length:
        raise BadResult("hook.result_size", f"{what} has {len(line)} characters, at most {max_length}")
    if not line.strip() or not line.isprintable():
        raise BadResult("hook.result_range", f"{what} is empty or has control characters")


def _money(value: object, first: Guide) -> Money:
    money = _of_type(value, Money, "amounts as Money")
    if type(money.cents) is not int:
        raise BadResult("hook.result_type", f"cents must be int, got {type(money.cents).__name__}")
    if money.currency is not first.amount.currency:
        raise BadResult("hook.result_range", f"the answer is not in {first.amount.currency} like the price")
    return money


def _by_friend(value: object, ids: Collection[UUID]) -> dict[UUID, object]:
    if not isinstance(value, Mapping):
        raise BadResult("hook.result_type", f"expected a mapping by Friend id or None, got {type(value).__name__}")
    mapping: Mapping[object, object] = value
    if len(mapping) > len(ids):
        raise BadResult("hook.result_size", f"{len(mapping)} answers for {len(ids)} Friends")
    answers: dict[UUID, object] = {}
    for key, answer in mapping.items():
        if not isinstance(key, UUID) or key not in ids:
            raise BadResult("hook.result_ids", "the answer names somebody who was not in the question")
        answers[key] = answer
    return answers


def _score(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadResult("hook.result_type", f"a score is a number, got {type(value).__name__}")
    if not -1 <= value <= 1:  # also refuses NaN and the infinities
        raise BadResult("hook.result_range", "a score is not a number from -1 to 1")
    return float(value)
