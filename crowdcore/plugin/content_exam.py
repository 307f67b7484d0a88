"""What exams/*.toml says, as frozen objects: questions, how many are drawn, what passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from crowdcore.base.text import Text


class QuestionType(StrEnum):
    """How a question is answered."""

    SINGLE = "single"  # one choice
    MULTIPLE = "multiple"  # every right choice and no wrong one
    ORDER = "order"  # all choices in the right order
    NUMBER = "number"  # a number within a tolerance


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers shown.

    Args:
        id: stable within the question.
        text: what the Friend reads.
        correct: whether it belongs to the right answer (single and multiple).
    """

    id: str
    text: Text
    correct: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an exam.

    Args:
        id: stable within the exam.
        topic: topic id.
        type: how it is answered.
        points: what a right answer is worth.
        level: difficulty, 1 to 5.
        critical: a wrong answer fails the exam whatever the total.
        pilot: shown but not scored.
        prompt: the question.
        explain: why, shown after the exam.
        choices: at least two; empty for a number.
        order: choice ids in the right order; empty for other types.
        number: the right number; None for other types.
        tolerance: how far a number may be off, either way.
        unit: unit of the number, or None.
    """

    id: str
    topic: str
    type: QuestionType
    points: int
    level: int
    critical: bool
    pilot: bool
    prompt: Text
    explain: Text
    choices: tuple[Choice, ...]
    order: tuple[str, ...]
    number: Decimal | None
    tolerance: Decimal
    unit: Text | None

    @property
    def correct(self) -> frozenset[str]:
        """Ids of the right choices of a single or multiple question."""
        return frozenset(choice.id for choice in self.choices if choice.correct)


@dataclass(frozen=True, slots=True)
class Topic:
    """A part of the exam.

    Args:
        id: stable within the exam.
        name: what the Friend reads.
        learn: what to read or to try again after mistakes in it; None for nothing.
    """

    id: str
    name: Text
    learn: Text | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """How many questions of a topic come into a paper.

    Args:
        topic: topic id.
        count: number of scored questions.
    """

    topic: str
    count: int


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often the exam may be taken.

    Args:
        max: attempts before somebody must allow more.
        wait: pause after a failed one.
    """

    max: int
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam that proves a skill.

    Args:
        id: stable id; services name it.
        version: rises with any change; results keep the version they were taken with.
        title: what people read.
        intro: what it is about; None for nothing.
        skill: what a pass proves.
        pass_percent: share of the points needed, 1 to 100.
        minutes: time limit.
        attempts: how often it may be taken.
        valid_months: how long a pass counts.
        requires: exam ids that must be passed first.
        draws: what a paper is made of, in order.
        topics: by id.
        questions: by id, in the order of the file.
        guess_probability: chance of passing by guessing alone.
        content_hash: sha256 of the content, in hexadecimal.
    """

    id: str
    version: int
    title: Text
    intro: Text | None
    skill: str
    pass_percent: int
    minutes: int
    attempts: Attempts
    valid_months: int
    requires: tuple[str, ...]
    draws: tuple[Draw, ...]
    topics: Mapping[str, Topic]
    questions: Mapping[str, Question]
    guess_probability: float
    content_hash: str
