"""Messages are found where people write them."""

import io

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS

from crowdcore.base.errors import Fault
from crowdcore.i18n.extraction import extract_crowdcore


def messages_of(code):
    found = extract_crowdcore(io.BytesIO(code.encode()), list(DEFAULT_KEYWORDS), (), {})
    return {message for _line, _function, message, _comments in found}


def test_marked_messages_and_translator_calls():
    code = 'TITLE = _("Choose a time")\n'
    code += 'translator.ngettext("one", "many", n)\ntranslator.pgettext("day", "today")\n'
    assert messages_of(code) == {"Choose a time", ("one", "many", None), ("day", "today")}


def test_the_sentence_of_a_refusal_needs_no_mark():
    code = """
class OfferTaken(Refusal):
    code: ClassVar[str] = "offer.taken"
    message: ClassVar[str] = (
        "Somebody was faster. "
        "The next job will come."
    )
class Nothing(Refusal):
    message = ""
"""
    assert messages_of(code) == {"Somebody was faster. The next job will come."}


def test_the_sentence_of_a_field_problem_needs_no_mark():
    code = (
        'FieldProblem("/a", "x", "Write a name.")\n'
        'errors.FieldProblem(pointer="/b", code="y", message="Write a place.")\n'
        'FieldProblem("/c", "z", _("Write a time."))\n'
        "FieldProblem('/d', 'z', message)\n"
    )
    assert messages_of(code) == {"Write a name.", "Write a place.", "Write a time."}


def test_a_refusal_whose_sentence_cannot_be_read_is_a_fault():
    with pytest.raises(Fault, match="class Taken, line 3: write `message` as one literal string"):
        messages_of('class Taken(Refusal):\n    code = "taken"\n    message = PREFIX + "x"\n')


def test_a_field_called_message_is_not_a_sentence():
    assert (
        messages_of("class Problem(BaseModel):\n    code: str = Field()\n    message: str = Field(min_length=1)\n")
        == set()
    )
