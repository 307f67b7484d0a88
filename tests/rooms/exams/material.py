"""Exams for the tests of this room, made by hand, and strategies that make many."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from crowdcore.base.text import Text
from crowdcore.exams.rules import draw as draw_paper
from crowdcore.plugin.content_exam import Attempts, Choice, Draw, Exam, Question, QuestionType, Topic

SEED = "5e2f0c8d9a7b4c3e8f1a2b3c4d5e6f70"

#: Words that may not leave the server before grading; the tests look for them in every answer.
EXPLANATION_CANARY = "canary-explains"
CHOICE_ID_CANARY = "canary-is-right"
NUMBER_CANARY = "8675309"


def text(word: str) -> Text:
    """Return a text whose languages can be told apart."""
    return Text(f"{word} (de)", f"{word} (fr)", f"{word} (en)")


def question(
    question_id: str,
    kind: QuestionType = QuestionType.SINGLE,
    *,
    topic: str = "wifi",
    points: int = 1,
    critical: bool = False,
    pilot: bool = False,
    choices: int = 4,
    right: tuple[int, ...] = (0,),
    number: str | None = None,
    tolerance: str = "0",
) -> Question:
    """Return a question; the choices at the places `right` are right, for an order all from the last on."""
    ids = [f"{question_id}-{CHOICE_ID_CANARY if i in right else 'no'}-{i}" for i in range(choices)]
    is_order = kind is QuestionType.ORDER
    return Question(
        id=question_id,
        topic=topic,
        type=kind,
        points=points,
        level=1,
        critical=critical,
        pilot=pilot,
        prompt=text(f"prompt {question_id}"),
        explain=text(f"{EXPLANATION_CANARY} {question_id}"),
        choices=tuple(
            Choice(c, text(f"choice {question_id} {i}"), correct=not is_order and i in right) for i, c in enumerate(ids)
        )
        if kind is not QuestionType.NUMBER
        else (),
        order=tuple(reversed(ids)) if is_order else (),
        number=Decimal(number) if number is not None else None,
        tolerance=Decimal(tolerance),
        unit=text("metres") if kind is QuestionType.NUMBER else None,
    )


def exam_of(
    *questions: Question,
    draws: tuple[Draw, ...],
    exam_id: str = "router",
    pass_percent: int = 75,
    attempts: Attempts | None = None,
    valid_months: int = 24,
    requires: tuple[str, ...] = (),
) -> Exam:
    """Return an exam of these questions."""
    topics = {q.topic: Topic(q.topic, text(f"topic {q.topic}")) for q in questions}
    return Exam(
        id=exam_id,
        version=3,
        title=text(f"title {exam_id}"),
        intro=None,
        skill=f"{exam_id}-skill",
        pass_percent=pass_percent,
        minutes=20,
        attempts=attempts or Attempts(3, timedelta(hours=72)),
        valid_months=valid_months,
        requires=requires,
        draws=draws,
        topics=topics,
        questions={q.id: q for q in questions},
        guess_probability=0.001,
        content_hash="c0ffee",
    )


def router() -> Exam:
    """Return an exam with every type of question; all of its scored questions are drawn."""
    return exam_of(
        question("band"),
        question("places", QuestionType.MULTIPLE, points=2, right=(0, 1)),
        question("steps", QuestionType.ORDER, points=2),
        question("cable", QuestionType.NUMBER, number=NUMBER_CANARY, tolerance="0.5"),
        question("socket", topic="safety", points=2, critical=True),
        question("new", pilot=True),
        draws=(Draw("wifi", 4), Draw("safety", 1)),
    )


seeds = st.text("0123456789abcdef", min_size=1, max_size=32)


def asked(exam: Exam, seed: str = SEED) -> tuple[Question, ...]:
    """Return the questions of the paper that `seed` draws."""
    return tuple(exam.questions[item.question_id] for item in draw_paper(exam, seed).items)


_IDS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8)


@st.composite
def questions(draw: st.DrawFn, question_id: str, topic: str, *, pilot: bool = False) -> Question:
    """Make a question of any type."""
    kind = draw(st.sampled_from(QuestionType))
    count = draw(st.integers(2, 6))
    places = st.sets(st.integers(0, count - 1), min_size=1, max_size=1 if kind is QuestionType.SINGLE else count)
    return question(
        question_id,
        kind,
        topic=topic,
        points=draw(st.integers(1, 10)),
        critical=draw(st.booleans()),
        pilot=pilot,
        choices=count,
        right=tuple(draw(places)),
        number=str(draw(st.integers(-50, 50))) if kind is QuestionType.NUMBER else None,
        tolerance=str(draw(st.integers(0, 5))),
    )


@st.composite
def exams(draw: st.DrawFn) -> Exam:
    """Make an exam whose pools are at least as large as what is drawn."""
    topics = draw(st.lists(_IDS, min_size=1, max_size=4, unique=True))
    pool: list[Question] = []
    draws: list[Draw] = []
    for topic in topics:
        count = draw(st.integers(1, 5))
        draws.append(Draw(topic, draw(st.integers(1, count))))
        pool += [draw(questions(f"{topic}{n}", topic)) for n in range(count)]
        pool += [draw(questions(f"{topic}p{n}", topic, pilot=True)) for n in range(draw(st.integers(0, 2)))]
    return exam_of(*pool, draws=tuple(draws), pass_percent=draw(st.integers(1, 100)))


def right_answer(of: Question) -> tuple[str, ...]:
    """Return the stored form of the right answer."""
    match of.type:
        case QuestionType.ORDER:
            return of.order
        case QuestionType.NUMBER:
            return (str(of.number),)
        case _:
            return tuple(sorted(of.correct))


@st.composite
def answers(draw: st.DrawFn, asked: tuple[Question, ...]) -> dict[str, tuple[str, ...]]:
    """Make stored answers to some of the questions: right ones and any others."""
    given: dict[str, tuple[str, ...]] = {}
    for q in asked:
        if q.type is QuestionType.NUMBER:
            other = st.integers(-60, 60).map(lambda n: (str(n),))
        elif q.type is QuestionType.ORDER:
            other = st.permutations([c.id for c in q.choices]).map(tuple)
        else:
            most = 1 if q.type is QuestionType.SINGLE else len(q.choices)
            ids = st.sampled_from([c.id for c in q.choices])
            other = st.lists(ids, min_size=1, max_size=most, unique=True).map(tuple)
        answer = draw(st.one_of(st.none(), st.just(right_answer(q)), other))
        if answer is not None:
            given[q.id] = answer
    return given


OTHERS = {name: exam_of(draws=(), exam_id=name) for name in ("basics", "safety")}
"""Exams that come before others, without any question."""
