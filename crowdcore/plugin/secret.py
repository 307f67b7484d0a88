"""Secret: a value that prints as stars, so that a log line, a traceback or a page never shows it."""

from __future__ import annotations

import hmac


class Secret:
    """A password or key of a partner; `reveal` at the one place that sends it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Hide `value`."""
        self._value = value

    def reveal(self) -> str:
        """Return the value itself; never log or store what this returns."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> str | tuple[object, ...]:
        message = "a Secret is never pickled or copied into another process"
        raise TypeError(message)
