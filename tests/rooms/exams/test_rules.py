"""The laws of exams, without a database and without a clock."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.errors import Word
from crowdcore.exams import rules
from crowdcore.exams.rules import (
    TRANSITIONS,
    Action,
    AlreadyPassed,
    AnswerShape,
    AnswerUnknown,
    Entry,
    MustWait,
    NoAttemptsLeft,
    Past,
    RequiresOther,
    Standing,
    State,
    choice_key,
    grade,
    is_right,
    read_answer,
)
from crowdcore.plugin.content_exam import Attempts, Draw, QuestionType
from tests.rooms.exams.material import (
    OTHERS,
    SEED,
    answers,
    asked,
    exam_of,
    exams,
    question,
    questions,
    right_answer,
    router,
    seeds,
)

ZURICH = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

# -- states ------------------------------------------------------------------------------------------


def test_every_attempt_ends_graded_and_nothing_leads_back():
    reached, frontier = set(), {State.STARTED}
    while frontier:
        state = frontier.pop()
        reached.add(state)
        frontier |= {target for sources, target in TRANSITIONS.values() if state in sources} - reached
    assert reached == set(State)
    assert not any(State.GRADED in sources for sources, _ in TRANSITIONS.values())
    assert not any(target is State.STARTED for _, target in TRANSITIONS.values())


def test_both_ways_to_end_an_attempt_start_from_the_running_one_only():
    for action in (Action.SUBMIT, Action.TIME_OUT):
        assert TRANSITIONS[action][0] == {State.STARTED}


# -- answers -----------------------------------------------------------------------------------------


def keys_of(q, ids):
    return [choice_key(SEED, q.id, choice_id) for choice_id in ids]


@given(st.data(), st.sampled_from(["x", "y"]))
def test_what_was_chosen_is_what_is_stored(data, question_id):
    q = data.draw(questions(question_id, "wifi"))
    answer = right_answer(q)
    typed = keys_of(q, answer) if q.choices else list(answer)
    assert read_answer(q, SEED, typed) == answer
    assert is_right(q, read_answer(q, SEED, typed))


@pytest.mark.parametrize("kind", [QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.ORDER])
def test_a_choice_of_another_question_is_unknown(kind):
    q, other = question("one", kind), question("two", kind)
    with pytest.raises(AnswerUnknown):
        read_answer(q, SEED, keys_of(other, [c.id for c in other.choices]))


def test_the_ids_that_authors_write_are_unknown_outside():
    q = question("one")
    with pytest.raises(AnswerUnknown):
        read_answer(q, SEED, [q.choices[0].id])


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        (QuestionType.SINGLE, []),
        (QuestionType.SINGLE, [0, 1]),
        (QuestionType.SINGLE, [0, 0]),
        (QuestionType.MULTIPLE, []),
        (QuestionType.MULTIPLE, [1, 1]),
        (QuestionType.ORDER, []),
        (QuestionType.ORDER, [0, 1, 2]),
        (QuestionType.ORDER, [0, 1, 2, 2]),
        (QuestionType.ORDER, [0, 1, 2, 3, 3]),
    ],
)
def test_an_answer_of_the_wrong_shape_says_what_is_missing(kind, places):
    q = question("one", kind)
    with pytest.raises(AnswerShape) as refused:
        read_answer(q, SEED, keys_of(q, [q.choices[n].id for n in places]))
    assert refused.value.fields[0].pointer == "/value"
    assert refused.value.fields[0].code == "exam.answer_shape"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("12", "12"),
        ("2,5", "2.5"),
        (" 2.5 ", "2.5"),
        ("1’200", "1200"),
        ("1'200", "1200"),
        ("−3", "-3"),
        ("+4", "+4"),
    ],
)
def test_numbers_are_read_as_people_type_them(typed, stored):
    q = question("one", QuestionType.NUMBER, number=stored)
    assert read_answer(q, SEED, [typed]) == (stored,)
    assert is_right(q, (stored,))


@pytest.mark.parametrize(
    "typed", [[], [""], ["a"], ["1e9"], ["NaN"], ["inf"], ["1.2.3"], ["1", "2"], ["9" * 10], ["٣"], ["0x10"]]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(AnswerShape):
        read_answer(question("one", QuestionType.NUMBER, number="1"), SEED, typed)


@pytest.mark.parametrize(
    ("value", "right"), [("9.5", True), ("10.5", True), ("10", True), ("9.49", False), ("10.51", False)]
)
def test_a_number_counts_up_to_its_tolerance_either_way(value, right):
    q = question("one", QuestionType.NUMBER, number="10", tolerance="0.5")
    assert is_right(q, (value,)) is right


@given(st.permutations([0, 2, 3]))
def test_the_order_of_several_choices_does_not_matter(places):
    q = question("one", QuestionType.MULTIPLE, choices=6, right=(0, 2, 3))
    assert is_right(q, tuple(q.choices[n].id for n in places))


def test_several_choices_are_all_or_nothing():
    q = question("one", QuestionType.MULTIPLE, choices=4, right=(0, 1))
    right = sorted(q.correct)
    assert not is_right(q, (right[0],))
    assert not is_right(q, (*right, q.choices[3].id))


def test_the_order_of_an_order_matters():
    q = question("one", QuestionType.ORDER)
    assert is_right(q, q.order)
    assert not is_right(q, tuple(reversed(q.order)))


@pytest.mark.parametrize("kind", QuestionType)
def test_no_answer_is_wrong(kind):
    assert not is_right(question("one", kind, number="0"), ())


# -- the grade ---------------------------------------------------------------------------------------


@st.composite
def graded(draw_):
    exam = draw_(exams())
    paper = asked(exam, draw_(seeds))
    given_answers = draw_(answers(paper))
    return exam, paper, given_answers, grade(paper, given_answers, pass_percent=exam.pass_percent)


@given(graded())
def test_a_grade_lies_between_nothing_and_everything(case):
    _, paper, _, result = case
    assert 0 <= result.score <= result.max_score == sum(q.points for q in paper if not q.pilot)
    assert result.score == sum(t.points for t in result.topics)
    assert result.max_score == sum(t.most for t in result.topics)
    assert all(0 <= t.points <= t.most and 0 < t.required <= t.most for t in result.topics)


@given(graded())
def test_no_critical_mistake_passes(case):
    _, _, _, result = case
    assert not (result.passed and result.critical_wrong)
    assert set(result.critical_wrong) <= set(result.wrong)


@given(graded())
def test_the_pass_mark_is_exact(case):
    exam, _, _, result = case
    enough = result.score * 100 >= exam.pass_percent * result.max_score
    assert result.passed is (enough and not result.critical_wrong)
    assert (result.required - 1) * 100 < exam.pass_percent * result.max_score <= result.required * 100


@given(graded())
def test_points_and_mistakes_add_up(case):
    _, paper, given_answers, result = case
    scored = [q for q in paper if not q.pilot]
    assert [q.id for q in scored if not is_right(q, given_answers.get(q.id, ()))] == list(result.wrong)
    assert result.max_score - result.score == sum(q.points for q in scored if q.id in result.wrong)


@given(exams(), seeds)
def test_all_right_passes_and_all_left_out_fails(exam, seed):
    paper = asked(exam, seed)
    best = grade(paper, {q.id: right_answer(q) for q in paper}, pass_percent=exam.pass_percent)
    assert best.passed
    assert best.score == best.max_score
    assert len(paper) == rules.length(exam)
    assert not best.wrong
    worst = grade(paper, {}, pass_percent=exam.pass_percent)
    assert not worst.passed
    assert worst.score == 0


@given(graded())
def test_a_pilot_question_changes_nothing(case):
    exam, paper, given_answers, result = case
    without = {key: value for key, value in given_answers.items() if not exam.questions[key].pilot}
    assert grade(paper, without, pass_percent=exam.pass_percent) == result


@given(graded(), st.randoms(use_true_random=False))
def test_the_order_of_the_paper_changes_no_points(case, chance: random.Random):
    exam, paper, given_answers, result = case
    shuffled = list(paper)
    chance.shuffle(shuffled)
    again = grade(shuffled, given_answers, pass_percent=exam.pass_percent)
    assert (again.score, again.passed, set(again.wrong)) == (result.score, result.passed, set(result.wrong))


def test_a_critical_mistake_fails_the_best_paper():
    exam = router()
    paper = asked(exam)
    given_answers = {q.id: right_answer(q) for q in paper if not q.critical}
    result = grade(paper, given_answers, pass_percent=1)
    assert result.score >= result.required
    assert result.critical_wrong == ("socket",)
    assert not result.passed


# -- time --------------------------------------------------------------------------------------------


def test_answers_count_for_ten_seconds_after_the_deadline():
    assert rules.closes_at(NOW) == NOW + timedelta(seconds=10)


@pytest.mark.parametrize(
    ("passed_at", "months", "last_day"),
    [
        (datetime(2026, 1, 31, 12, tzinfo=UTC), 1, (2026, 2, 28)),
        (datetime(2027, 12, 31, 12, tzinfo=UTC), 2, (2028, 2, 29)),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), 24, (2028, 11, 23)),
        (datetime(2026, 12, 1, 12, tzinfo=UTC), 12, (2027, 12, 1)),
        (datetime(2026, 11, 30, 23, 30, tzinfo=UTC), 1, (2027, 1, 1)),  # already 1 December in Zurich
    ],
)
def test_a_pass_counts_to_the_end_of_a_day_of_the_partner(passed_at, months, last_day):
    until = rules.valid_until(passed_at, months=months, zone=ZURICH)
    assert until.tzinfo is UTC
    local = until.astimezone(ZURICH)
    assert (local.year, local.month, local.day) == last_day
    assert (local.hour, local.minute, local.second) == (23, 59, 59)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)), st.integers(1, 120))  # noqa: DTZ001 -- the strategy adds the zone
def test_a_longer_validity_never_ends_earlier(passed_at, months):
    until = rules.valid_until(passed_at, months=months, zone=ZURICH)
    assert passed_at + timedelta(days=27 * months) < until < passed_at + timedelta(days=32 * months)
    assert until < rules.valid_until(passed_at, months=months + 1, zone=ZURICH)


# -- who may start -----------------------------------------------------------------------------------


def stand(exam=None, **facts):
    given_facts = {
        "is_open": False,
        "past": (),
        "allowed": (),
        "proved_until": None,
        "missing": (),
        "now": NOW,
    }
    return rules.standing(exam or router(), **{**given_facts, **facts})


def attempt(*, passed=False, **ago):
    return Past(NOW - timedelta(**ago), passed=passed)


def test_a_newcomer_may_start():
    assert stand() == Standing(Entry.READY, 3)
    assert rules.refusal(stand(), NOW, OTHERS) is None


def test_a_running_attempt_comes_before_every_other_reason():
    here = stand(is_open=True, missing=("basics",), past=(attempt(hours=1), attempt(hours=2)))
    assert here.entry is Entry.OPEN
    assert here.attempts_left == 0
    assert rules.refusal(here, NOW, OTHERS) is None


def test_another_exam_comes_first():
    here = stand(missing=("basics", "safety"))
    refused = rules.refusal(here, NOW, OTHERS)
    assert isinstance(refused, RequiresOther)
    assert refused.code == "exam.requires"
    assert refused.params == {"exams": (Word("basics", OTHERS["basics"].title), Word("safety", OTHERS["safety"].title))}


def test_after_a_failed_attempt_one_waits_as_long_as_the_exam_says():
    here = stand(past=(attempt(hours=71),))
    assert (here.entry, here.earliest, here.attempts_left) == (Entry.WAIT, NOW + timedelta(hours=1), 2)
    refused = rules.refusal(here, NOW, OTHERS)
    assert isinstance(refused, MustWait)
    assert refused.code == "exam.wait"
    assert refused.params == {"at": NOW + timedelta(hours=1)}
    assert refused.retry_after_s == 3601
    assert stand(past=(attempt(hours=72),)).entry is Entry.READY


def test_the_last_attempt_is_the_last():
    here = stand(past=(attempt(days=30), attempt(days=20), attempt(days=10)))
    assert (here.entry, here.attempts_left) == (Entry.NO_ATTEMPTS_LEFT, 0)
    assert isinstance(rules.refusal(here, NOW, OTHERS), NoAttemptsLeft)


def test_support_can_allow_another_attempt_at_once():
    three = (attempt(days=30), attempt(days=20), attempt(hours=10))
    here = stand(past=three, allowed=(NOW - timedelta(hours=1),))
    assert (here.entry, here.attempts_left) == (Entry.READY, 1)
    before = stand(past=three, allowed=(NOW - timedelta(hours=11),))
    assert before.entry is Entry.WAIT


def test_who_has_passed_may_renew_in_the_last_sixty_days_only():
    until = NOW + timedelta(days=60, seconds=1)
    here = stand(past=(attempt(passed=True, days=670),), proved_until=until)
    assert (here.entry, here.earliest, here.valid_until) == (Entry.PASSED, NOW + timedelta(seconds=1), until)
    refused = rules.refusal(here, NOW, OTHERS)
    assert isinstance(refused, AlreadyPassed)
    assert refused.code == "exam.already_passed"
    soon = stand(past=(attempt(passed=True, days=670),), proved_until=NOW + timedelta(days=60))
    assert (soon.entry, soon.attempts_left) == (Entry.READY, 3)


def test_a_skill_granted_by_hand_counts_like_a_passed_exam():
    assert stand(proved_until=NOW + timedelta(days=61)).entry is Entry.PASSED


def test_attempts_count_anew_after_a_pass():
    history = (attempt(days=800), attempt(days=790), attempt(passed=True, days=780), attempt(hours=1))
    here = stand(past=history, allowed=(NOW - timedelta(days=785),))
    assert (here.entry, here.attempts_left) == (Entry.WAIT, 2)
    assert here.earliest == NOW + timedelta(hours=71)


def test_no_waiting_time_means_at_once():
    exam = exam_of(question("q"), draws=(Draw("wifi", 1),), attempts=Attempts(2, timedelta()))
    assert stand(exam, past=(Past(NOW, passed=False),)).entry is Entry.READY


@given(
    st.lists(st.tuples(st.integers(1, 2000), st.booleans()), max_size=8, unique_by=lambda one: one[0]),
    st.lists(st.integers(1, 2000), max_size=3),
    st.booleans(),
)
def test_nobody_ever_has_more_attempts_than_they_were_given(history, extra, is_open):
    past = tuple(Past(NOW - timedelta(hours=h), passed=ok) for h, ok in sorted(history, reverse=True))
    allowed = tuple(NOW - timedelta(hours=h) for h in extra)
    here = stand(past=past, allowed=allowed, is_open=is_open)
    assert 0 <= here.attempts_left <= 3 + len(extra)
    if here.entry is Entry.READY:
        assert here.attempts_left > 0
        assert (
            not past
            or past[-1].passed
            or NOW - past[-1].ended_at >= timedelta(hours=72)
            or any(at > past[-1].ended_at for at in allowed)
        )
