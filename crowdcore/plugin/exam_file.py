"""exams/*.toml: reads one exam, or says everything that is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from crowdcore.base.text import Language, Text
from crowdcore.plugin.content_exam import (
    Attempts,
    Choice,
    Draw,
    Exam,
    Question,
    QuestionType,
    Topic,
)
from crowdcore.plugin.exam_rules import GUESS_REFUSED, GUESS_WARNED, guess_probability, tell_tales
from crowdcore.plugin.fields import SKILL, parse_decimal
from crowdcore.plugin.problems import FileProblem, cut, did_you_mean
from crowdcore.plugin.schema import ContentFile, Table

EXAM_FOLDER = "exams"

_MAX_PROMPT = 600
_GOOD_PROMPT = 280
_SECONDS_PER_QUESTION = 10
_MAX_POINTS = 10


def read_exam(path: Path, *, swiss: bool) -> tuple[Exam, tuple[FileProblem, ...]]:
    """Read one exam.

    Args:
        path: the file; its name is the exam's id.
        swiss: German is written without ß.

    Returns:
        The exam, and warnings.

    Raises:
        ContentError: everything that is wrong with the file.
    """
    file = ContentFile.open(path, kind="exam", swiss=swiss)
    exam = _exam(file.root, path.stem, file.content_hash)
    return exam, file.finish()


def _exam(root: Table, stem: str, content_hash: str) -> Exam:
    root.integer("schema", low=1, high=1)
    topics = _topics(root)
    rows = list(root.tables("question", at_least=1))
    read = [_question(row, topics) for row in rows]
    _check_twins(rows, read)
    draws = tuple(_draw(row, topics, read) for row in root.tables("draw", at_least=1))
    pass_percent = root.integer("pass_percent", low=1, high=100, code="exam.pass_mark")
    exam = Exam(
        id=root.slug("id"),
        version=root.integer("version", low=1, high=9_999),
        title=root.text("title", max_length=60),
        intro=root.text("intro", max_length=600, multiline=True) if root.has("intro") else None,
        skill=root.string("skill", form=SKILL, code="exam.code"),
        pass_percent=pass_percent,
        minutes=root.integer("minutes", low=1, high=240, code="exam.time_limit"),
        attempts=_attempts(root.table("attempts")),
        valid_months=root.integer("valid_months", low=1, high=120),
        requires=root.slugs("requires"),
        draws=draws,
        topics=topics,
        questions=MappingProxyType({question.id: question for question in read}),
        guess_probability=_guess_probability(root, read, draws, pass_percent),
        content_hash=content_hash,
    )
    if exam.id and exam.id != stem:
        root.problem("id", "exam.code", f"the id {exam.id!r} is not the file's name {stem!r}")
    _check_time(root, exam)
    for code, sentence in tell_tales(read):
        root.problem("question", code, sentence, warning=True)
    return exam


def _topics(root: Table) -> Mapping[str, Topic]:
    topics: dict[str, Topic] = {}
    for row in root.tables("topic", at_least=1):
        topic = Topic(
            id=row.slug("id"),
            name=row.text("name", max_length=60),
            learn=row.text("learn", max_length=400) if row.has("learn") else None,
        )
        if topic.id in topics:
            row.problem("id", "exam.duplicate", f"topic {topic.id!r} stands twice")
        topics[topic.id] = topic
    return MappingProxyType(topics)


def _attempts(table: Table) -> Attempts:
    attempts = Attempts(
        max=table.integer("max", low=1, high=20),
        wait=timedelta(hours=table.integer("wait_hours", low=0, high=10_000)),
    )
    if attempts.max > 1 and not attempts.wait and table.has("wait_hours"):
        message = "a failed exam can be tried again at once"
        table.problem("wait_hours", "exam.no_cooldown", message, warning=True)
    return attempts


def _draw(row: Table, topics: Mapping[str, Topic], questions: list[Question]) -> Draw:
    topic = _topic(row, topics)
    draw = Draw(topic, row.integer("count", low=1, high=200))
    pool = sum(question.topic == topic and not question.pilot for question in questions)
    if topic in topics and draw.count > pool:
        message = f"draws {draw.count} from topic {topic!r}, which has {pool} questions"
        row.problem("count", "exam.pool_too_small", message)
    elif topic in topics and 2 * draw.count > pool:
        message = f"draws {draw.count} of {pool} questions on {topic!r}: papers repeat"
        row.problem("count", "exam.pool_small", message, warning=True)
    return draw


def _topic(row: Table, topics: Mapping[str, Topic]) -> str:
    topic = row.slug("topic")
    if topic and topic not in topics:
        hint = did_you_mean(topic, topics) or f"topics: {', '.join(topics)}"
        row.problem("topic", "exam.no_such", f"there is no topic {topic!r}", hint=hint)
    return topic


def _question(row: Table, topics: Mapping[str, Topic]) -> Question:
    kind = row.choice("type", QuestionType)
    is_number = kind is QuestionType.NUMBER
    choices = () if is_number else _choices(row)
    prompt = row.text("prompt", max_length=_MAX_PROMPT)
    if max(len(sentence) for _, sentence in prompt) > _GOOD_PROMPT:
        message = f"the prompt has more than {_GOOD_PROMPT} characters"
        row.problem("prompt", "question.long_prompt", message, warning=True)
    question = Question(
        id=row.slug("id"),
        topic=_topic(row, topics),
        type=kind,
        points=row.integer("points", low=1, high=_MAX_POINTS),
        level=row.integer("level", low=1, high=5),
        critical=row.has("critical") and row.flag("critical"),
        pilot=row.has("pilot") and row.flag("pilot"),
        prompt=prompt,
        explain=row.text("explain", max_length=_MAX_PROMPT),
        choices=choices,
        order=row.strings("answer", at_least=1) if kind is QuestionType.ORDER else (),
        number=_number(row, "answer") if is_number else None,
        tolerance=_tolerance(row) if is_number else Decimal(0),
        unit=row.text("unit", max_length=20) if is_number and row.has("unit") else None,
    )
    _check_key(row, question)
    return question


def _choices(row: Table) -> tuple[Choice, ...]:
    choices: list[Choice] = []
    for table in row.tables("choice", at_least=2):
        choice = Choice(
            id=table.string("id", max_length=20),
            text=table.text("text", max_length=240),
            correct=table.has("correct") and table.flag("correct"),
        )
        if choice.id in {other.id for other in choices}:
            table.problem("id", "exam.duplicate", f"choice {choice.id!r} stands twice")
        for language in Language:
            sentence = choice.text.in_(language).casefold()
            if sentence and sentence in {other.text.in_(language).casefold() for other in choices}:
                message = f"the {language} text is another choice's too"
                table.problem("text", "question.duplicate_answer", message)
                break
        choices.append(choice)
    return tuple(choices)


def _check_key(row: Table, question: Question) -> None:
    right, count = len(question.correct), len(question.choices)
    match question.type:
        case QuestionType.SINGLE | QuestionType.MULTIPLE if count and not right:
            row.problem(None, "question.no_correct", "no choice has correct = true")
        case QuestionType.SINGLE if right > 1:
            row.problem("choice", "question.too_many_correct", f"{right} choices are right, one may be")
        case QuestionType.MULTIPLE if right == count:
            row.problem("choice", "question.no_wrong", "every choice is right")
        case QuestionType.ORDER:
            _check_order(row, question)
        case _:
            pass


def _check_order(row: Table, question: Question) -> None:
    ids = [choice.id for choice in question.choices]
    if sorted(question.order) != sorted(ids) and question.order:
        message = f"answer {list(question.order)} is not the choices {ids} in the right order"
        row.problem("answer", "question.index", message)
    if question.correct:
        row.problem("choice", "question.too_many_correct", "choices of an order have no correct = true")


def _number(row: Table, key: str) -> Decimal | None:
    """Read a number, bare or as a quoted decimal; TOML's decimals are exact here."""
    value = row.raw(key)
    if value is None:
        return None
    sign = -1 if isinstance(value, str) and value.startswith("-") else 1
    number = parse_decimal(value.removeprefix("-")) if isinstance(value, str) else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
    if number is None or not number.is_finite():
        row.problem(key, "type.number_expected", f"{key} = {cut(value)} is no number")
        return None
    return sign * number


def _tolerance(row: Table) -> Decimal:
    tolerance = _number(row, "tolerance") or Decimal(0)
    if tolerance < 0:
        row.problem("tolerance", "question.tolerance", f"the tolerance {tolerance} is negative")
    return tolerance


def _check_twins(rows: list[Table], questions: list[Question]) -> None:
    ids: Counter[str] = Counter()
    prompts: Counter[Text] = Counter()
    for row, question in zip(rows, questions, strict=True):
        if question.id and ids[question.id]:
            row.problem("id", "exam.duplicate", f"question {question.id!r} stands twice")
        if question.prompt.de and prompts[question.prompt]:
            row.problem("prompt", "exam.duplicate_question", "another question has the same prompt")
        ids[question.id] += 1
        prompts[question.prompt] += 1


def _guess_probability(root: Table, questions: list[Question], draws: tuple[Draw, ...], pass_percent: int) -> float:
    if any(not problem.warning for problem in root.file.problems):
        return 0.0  # the figure would be about placeholders
    chance = guess_probability(questions, draws, pass_percent)
    if chance > GUESS_WARNED:
        refused = chance > GUESS_REFUSED
        message = f"guessing alone passes in {chance:.2%} of attempts, at most {GUESS_REFUSED:.0%}"
        hint = "draw more questions, add choices, raise pass_percent or mark safety questions critical"
        root.problem("pass_percent", "exam.guessable", message, hint=hint, warning=not refused)
    return chance


def _check_time(root: Table, exam: Exam) -> None:
    drawn = sum(draw.count for draw in exam.draws)
    if exam.minutes * 60 < drawn * _SECONDS_PER_QUESTION:
        message = f"{exam.minutes} min for {drawn} questions leave less than {_SECONDS_PER_QUESTION} s each"
        root.problem("minutes", "exam.time_limit", message)
