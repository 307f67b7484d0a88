"""What a partner's own template may not hold: what the content policy blocks, and what lets anything through."""

from __future__ import annotations

import re

from jinja2 import Environment
from jinja2.meta import find_referenced_templates

from crowdcore.base.errors import Fault
from crowdcore.plugin.problems import did_you_mean

_LOADS = r"<(?:script|link|img|iframe|source|audio|video|object|embed)\b[^>]*"

#: (what is looked for, whether mails may have it, what is said)
_FORBIDDEN = (
    (re.compile(r"\|\s*safe\b"), False, "the filter |safe lets anything through; write the markup into the template"),
    (re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE), False, "the content policy blocks inline handlers"),
    (re.compile(r"<[a-z][^>]*\sstyle\s*=|<style\b", re.IGNORECASE), True, "the content policy blocks inline styles"),
    (re.compile(r"<script\b(?![^>]*\ssrc\s*=)", re.IGNORECASE), False, "the content policy blocks inline scripts"),
    (re.compile(r"javascript:", re.IGNORECASE), False, "an address cannot be a script"),
    (re.compile(_LOADS + r"\s(?:src|href|data)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE), False,
     "the content policy blocks what comes from elsewhere; put it into theme/static"),
)  # fmt: skip
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def check_override(name: str, source: str, environment: Environment, names: tuple[str, ...]) -> None:
    """Refuse a partner's template that would not work, or do more than it may.

    Args:
        name: as templates refer to it.
        source: its text.
        environment: compiles it.
        names: of all templates there are.

    Raises:
        Fault: name, line and what is wrong.
    """
    shown = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), source)
    for pattern, in_mails, message in _FORBIDDEN:
        found = pattern.search(shown)
        if found and not (in_mails and name.startswith("mail/")):
            raise Fault(f"{name}:{shown.count(chr(10), 0, found.end()) + 1}: {message}")
    for other in find_referenced_templates(environment.parse(source)):
        if other is not None and other not in names:
            hint = did_you_mean(other, names) or "see themes/base/templates"
            raise Fault(f"{name}: there is no template '{other}'; {hint}")
