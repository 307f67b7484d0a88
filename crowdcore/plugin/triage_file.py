"""bot.toml: reads a partner's triage tree, or says everything that is wrong with it.

A tree asks at most five questions and never leaves anybody alone: each way ends at a result, and each result
leads on to a service or to a channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import MappingProxyType

from crowdcore.base.text import Text
from crowdcore.plugin.content_catalog import Catalog
from crowdcore.plugin.content_partner import PartnerSettings
from crowdcore.plugin.problems import FileProblem, did_you_mean
from crowdcore.plugin.schema import ContentFile, Table

TRIAGE_FILE = "bot.toml"
MOST_QUESTIONS = 5
"""As many questions may stand between the start and a result."""

_FEWEST_ANSWERS, _MOST_ANSWERS = 2, 7


@dataclass(frozen=True, slots=True)
class Answer:
    """One way on from a question.

    Args:
        id: stable within the question.
        text: what the customer taps.
        to: id of the next question, or of a result.
    """

    id: str
    text: Text
    to: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something the customer is asked.

    Args:
        id: stable within the tree; no result has the same.
        text: the question.
        hint: how to find the answer; None for nothing.
        answers: two to seven.
    """

    id: str
    text: Text
    hint: Text | None
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """Where a way ends: what it probably is, what to try, and who helps.

    Args:
        id: stable within the tree; no question has the same.
        title: what it probably is.
        text: what that means, in two or three sentences.
        tips: what one can try oneself first, in order; may be empty.
        service: id of the service that helps; None for none.
        channel: id of the channel that helps; None for none. One of the two is always there.
    """

    id: str
    title: Text
    text: Text
    tips: tuple[Text, ...]
    service: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class Triage:
    """A partner's triage tree; several ways may lead to the same question or result.

    Args:
        start: id of the first question.
        questions: by id, in the order of the file.
        results: by id, in the order of the file.
        content_hash: sha256 of the content, in hexadecimal.
    """

    start: str
    questions: Mapping[str, Question]
    results: Mapping[str, Result]
    content_hash: str


def read_triage(path: Path, *, partner: PartnerSettings, catalog: Catalog) -> tuple[Triage, tuple[FileProblem, ...]]:
    """Read bot.toml.

    Args:
        path: the file.
        partner: its partner, for the channels results lead to.
        catalog: its catalogue, for the services results lead to.

    Returns:
        The tree, and warnings.

    Raises:
        ContentError: everything that is wrong with the file.
    """
    is_swiss = partner.languages.formats.get("de") == "de-CH"
    file = ContentFile.open(path, kind="triage", swiss=is_swiss)
    tree = _Reader(file.root, partner, catalog).tree(file.content_hash)
    return tree, file.finish()


class _Reader:
    """Reads one tree, and remembers where each part stands."""

    def __init__(self, root: Table, partner: PartnerSettings, catalog: Catalog) -> None:
        self._root = root
        self._channels = partner.channels
        self._services = [service.id for service in catalog.bookable()]
        self._rows: dict[str, Table] = {}
        self._ways: list[tuple[Table, Answer]] = []

    def tree(self, content_hash: str) -> Triage:
        root = self._root
        root.integer("schema", low=1, high=1)
        start = root.slug("start")
        questions = [self._question(row) for row in root.tables("question", at_least=1)]
        results = [self._result(row) for row in root.tables("result", at_least=1)]
        tree = Triage(
            start=start,
            questions=MappingProxyType({question.id: question for question in questions}),
            results=MappingProxyType({result.id: result for result in results}),
            content_hash=content_hash,
        )
        self._check_ways(tree)
        return tree

    def _question(self, row: Table) -> Question:
        question_id = self._new_id(row, self._rows)
        tables: dict[str, Table] = {}
        answers = []
        for table in row.tables("answers", at_least=_FEWEST_ANSWERS):
            answer_id = self._new_id(table, tables)
            answers.append(Answer(answer_id, table.text("text", max_length=80), table.slug("to")))
            self._ways.append((table, answers[-1]))
        if len(answers) > _MOST_ANSWERS:
            message = f"{len(answers)} answers are more than {_MOST_ANSWERS}"
            row.problem("answers", "triage.too_many_answers", message, hint="ask two questions")
        return Question(
            id=question_id,
            text=row.text("text", max_length=120),
            hint=row.text("hint", max_length=240) if row.has("hint") else None,
            answers=tuple(answers),
        )

    def _result(self, row: Table) -> Result:
        result = Result(
            id=self._new_id(row, self._rows),
            title=row.text("title", max_length=80),
            text=row.text("text", max_length=400),
            tips=row.texts("tips", max_length=240),
            service=_known(row, "service", self._services),
            channel=_known(row, "channel", self._channels),
        )
        if result.service is None and result.channel is None:
            hint = 'write service = "..." or channel = "..."'
            row.problem(None, "triage.dead_end", "nobody helps from here on", hint=hint)
        return result

    def _new_id(self, row: Table, rows: dict[str, Table]) -> str:
        row_id = row.slug("id")
        first = rows.setdefault(row_id, row)
        if row_id and first is not row:
            row.problem("id", "triage.duplicate", f"the id {row_id!r} stands twice", hint=f"first on line {first.line}")
        return row_id

    def _check_ways(self, tree: Triage) -> None:
        """Note answers that lead nowhere, circles, ways that are too long, and what no way leads to."""
        known_problems = len(self._root.file.problems)
        if tree.start and tree.start not in tree.questions:
            _no_such(self._root, "start", "question", tree.start, tree.questions)
        for table, answer in self._ways:
            if answer.to and answer.to not in self._rows:
                _no_such(table, "to", "question or result", answer.to, self._rows)
        is_whole = tree.start and all(way.to for _, way in self._ways)
        if not is_whole or len(self._root.file.problems) > known_problems:
            return  # what the ways are cannot be said
        circle = _circle(tree)
        if circle:
            message = f"the questions lead in a circle: {' -> '.join(circle)}"
            self._rows[circle[0]].problem(None, "triage.cycle", message)
            return
        steps = _steps(tree)
        for name, row in self._rows.items():
            if name and name not in steps:
                row.problem("id", "triage.unreachable", f"no answer leads to {name!r}")
            elif name in tree.questions and steps[name] > MOST_QUESTIONS:
                message = f"{name!r} is question {steps[name]} on its way, at most {MOST_QUESTIONS}"
                row.problem("id", "triage.too_deep", message)


def _known(row: Table, key: str, known: Iterable[str]) -> str | None:
    if not row.has(key):
        return None
    name = row.slug(key)
    if name and name not in known:
        _no_such(row, key, key, name, known)
    return name


def _no_such(row: Table, key: str, what: str, name: str, known: Iterable[str]) -> None:
    hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
    row.problem(key, "triage.no_such", f"there is no {what} {name!r}", hint=hint)


def _circle(tree: Triage) -> tuple[str, ...]:
    """Return question ids of which each leads to the next, first and last the same; empty for none."""
    sorter = TopologicalSorter({name: [way.to for way in asked.answers] for name, asked in tree.questions.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))
    return ()


def _steps(tree: Triage) -> Mapping[str, int]:
    """Return which step the longest way from the start has for each thing it reaches, the start being 1.

    Ways longer than what is refused anyway are not followed to their end.
    """
    steps = {tree.start: 1}
    reached = [tree.start]
    while reached:
        name = reached.pop()
        for answer in tree.questions[name].answers:
            step = min(steps[name] + 1, MOST_QUESTIONS + 1)
            if steps.get(answer.to, 0) < step:
                steps[answer.to] = step
                if answer.to in tree.questions:
                    reached.append(answer.to)
    return steps
