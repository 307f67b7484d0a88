"""Fair exams: the chance of passing by guessing is exact, and patterns that give an answer away are seen."""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from math import comb, isclose

import pytest
from hypothesis import given, settings, strategies as st

from crowdcore.base.text import Text
from crowdcore.plugin.content_exam import Choice, Draw, Question, QuestionType
from crowdcore.plugin.exam_rules import guess_chance, guess_probability, tell_tales

WORD = Text.neutral("word")


def question(
    kind=QuestionType.SINGLE,
    *,
    topic="a",
    choices=4,
    points=1,
    critical=False,
    pilot=False,
    right=0,
    lengths=(),
):
    words = [Text.neutral("x" * (lengths[n] if lengths else 5)) for n in range(choices)]
    return Question(
        id="q",
        topic=topic,
        type=kind,
        points=points,
        level=1,
        critical=critical,
        pilot=pilot,
        prompt=WORD,
        explain=WORD,
        choices=tuple(Choice(str(n), word, correct=n == right) for n, word in enumerate(words)),
        order=(),
        number=None,
        tolerance=Decimal(0),
        unit=None,
    )


@pytest.mark.parametrize(
    ("kind", "choices", "chance"),
    [
        (QuestionType.SINGLE, 4, 1 / 4),
        (QuestionType.MULTIPLE, 2, 1 / 2),
        (QuestionType.MULTIPLE, 4, 1 / 14),
        (QuestionType.ORDER, 4, 1 / 24),
        (QuestionType.NUMBER, 0, 0),
    ],
)
def test_the_chance_of_one_question(kind, choices, chance):
    assert guess_chance(question(kind, choices=choices)) == chance


def test_ten_of_four_choices_at_80_percent_is_the_binomial_tail():
    tail = sum(comb(10, n) * 3 ** (10 - n) for n in (8, 9, 10)) / 4**10
    assert isclose(guess_probability([question()] * 10, [Draw("a", 10)], 80), tail)


def test_a_critical_question_must_be_right_whatever_the_total():
    pool = [question(critical=True), *[question()] * 3]
    assert isclose(guess_probability(pool, [Draw("a", 4)], 1), 1 / 4)


def test_pilot_questions_do_not_count():
    assert guess_probability([question(), question(choices=1, pilot=True)], [Draw("a", 1)], 100) == 1 / 4


def brute_force(questions, draws, pass_percent):
    """Try every paper and every outcome of every question."""
    papers = product(*(combinations([q for q in questions if q.topic == draw.topic], draw.count) for draw in draws))
    chances = []
    for parts in papers:
        paper = [q for part in parts for q in part]
        chance = Fraction(0)
        for outcome in product([True, False], repeat=len(paper)):
            won = sum(q.points for q, is_right in zip(paper, outcome, strict=True) if is_right)
            missed = any(q.critical and not is_right for q, is_right in zip(paper, outcome, strict=True))
            if missed or won * 100 < pass_percent * sum(q.points for q in paper):
                continue
            weight = Fraction(1)
            for q, is_right in zip(paper, outcome, strict=True):
                one = Fraction(guess_chance(q)).limit_denominator(1000)
                weight *= one if is_right else 1 - one
            chance += weight
        chances.append(chance)
    return float(sum(chances) / len(chances))


questions = st.builds(
    question,
    st.sampled_from([QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.ORDER]),
    topic=st.sampled_from("ab"),
    choices=st.integers(2, 5),
    points=st.integers(1, 3),
    critical=st.booleans(),
)


@given(
    st.lists(questions, min_size=4, max_size=7),
    st.integers(1, 2),
    st.integers(1, 2),
    st.integers(1, 100),
)
@settings(max_examples=60, deadline=None)
def test_it_is_the_mean_over_all_papers_and_outcomes(pool, from_a, from_b, pass_percent):
    pool = [*pool, *[question(topic=topic) for topic in "aabb"]]
    draws = [Draw("a", from_a), Draw("b", from_b)]
    assert isclose(guess_probability(pool, draws, pass_percent), brute_force(pool, draws, pass_percent), abs_tol=1e-9)


def test_a_large_exam_is_quick():
    pool = [question(topic=topic, points=points) for topic in "abcd" for points in (1, 2, 3) for _ in range(15)]
    assert 0 < guess_probability(pool, [Draw(topic, 10) for topic in "abcd"], 70) < 1e-6


# -- what gives an answer away


def tales(*pool):
    return [code for code, _ in tell_tales(pool)]


def test_the_same_place_too_often():
    assert tales(*[question(right=2)] * 4, *[question(right=n) for n in (0, 1, 3)]) == ["exam.same_place"]
    assert tales(*[question(right=n % 4) for n in range(8)]) == []


def test_the_longest_is_always_right():
    pool = [question(right=n % 4, lengths=[9 if n % 4 == k else 5 for k in range(4)]) for n in range(8)]
    assert tales(*pool) == ["exam.longest_right"]
    assert tales(*pool[:-1], question(right=1)) == []


def test_a_few_questions_are_no_pattern():
    assert tales(*[question(right=0)] * 5) == []
