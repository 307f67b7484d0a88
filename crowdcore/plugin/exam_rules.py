"""Laws of a fair exam: how likely guessing alone passes it, and what gives a right answer away."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from crowdcore.plugin.content_exam import Draw, Question, QuestionType

GUESS_REFUSED = 0.01
GUESS_WARNED = 0.001

_LEAST_FOR_A_PATTERN = 6
_HUNDRED = 100

#: Points to be had and points won, to the probability that no critical question was missed on the way.
_Points = dict[tuple[int, int], float]


def guess_probability(questions: Iterable[Question], draws: Iterable[Draw], pass_percent: int) -> float:
    """Return the chance that somebody who only guesses passes, over all papers that may be drawn.

    A single choice is guessed with 1/n, a multiple choice with 1/(2^n - 2) - some are right and some are
    wrong - and an order with 1/n!; a number is not guessed. A wrong answer to a critical question fails.
    """
    by_topic: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if not question.pilot:
            by_topic[question.topic].append(question)
    total: _Points = {(0, 0): 1.0}
    for draw in draws:
        total = _together(total, _guessed_topic(by_topic[draw.topic], draw.count))
    return math.fsum(chance for (most, won), chance in total.items() if won * _HUNDRED >= pass_percent * most)


def guess_chance(question: Question) -> float:
    """Return the chance that a guess answers `question` rightly."""
    count = len(question.choices)
    match question.type:
        case QuestionType.SINGLE:
            return 1 / max(1, count)
        case QuestionType.MULTIPLE:
            return 1 / max(1, (1 << count) - 2)
        case QuestionType.ORDER:
            return 1 / math.factorial(count)
        case QuestionType.NUMBER:
            return 0.0


def tell_tales(questions: Sequence[Question]) -> Iterator[tuple[str, str]]:
    """Yield (code, sentence) for patterns by which the right choice can be found without knowledge."""
    single = [question for question in questions if question.type is QuestionType.SINGLE]
    if len(single) < _LEAST_FOR_A_PATTERN:
        return
    places = Counter(_right_place(question) for question in single)
    place, times = places.most_common(1)[0]
    if times * 2 > len(single):
        yield "exam.same_place", f"choice {place + 1} is right in {times} of {len(single)} single questions"
    longest = sum(_longest_is_right(question) for question in single)
    if longest == len(single):
        yield "exam.longest_right", "the longest choice is always the right one"


def _guessed_topic(pool: Sequence[Question], count: int) -> _Points:
    """Return the points won by guessing in `count` questions drawn from `pool`, each set equally likely."""
    drawn: list[_Points] = [{(0, 0): 1.0}, *({} for _ in range(count))]
    for question in pool:
        chance = guess_chance(question)
        for taken in range(count, 0, -1):
            for (most, won), weight in drawn[taken - 1].items():
                _add(drawn[taken], (most + question.points, won + question.points), weight * chance)
                if not question.critical:
                    _add(drawn[taken], (most + question.points, won), weight * (1 - chance))
    papers = max(1, math.comb(len(pool), count))
    return {points: weight / papers for points, weight in drawn[count].items()}


def _together(first: _Points, second: _Points) -> _Points:
    both: _Points = {}
    for (most, won), chance in first.items():
        for (more, wins), other in second.items():
            _add(both, (most + more, won + wins), chance * other)
    return both


def _add(points: _Points, key: tuple[int, int], weight: float) -> None:
    if weight:
        points[key] = points.get(key, 0.0) + weight


def _right_place(question: Question) -> int:
    return next((index for index, choice in enumerate(question.choices) if choice.correct), 0)


def _longest_is_right(question: Question) -> bool:
    lengths = [len(choice.text.de) for choice in question.choices]
    right = lengths[_right_place(question)]
    return right == max(lengths) and lengths.count(right) == 1
