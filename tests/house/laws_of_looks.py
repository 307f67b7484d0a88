"""Laws of templates and styles: nothing inline that the content policy forbids, no colour outside a theme."""

import re
from collections.abc import Iterator

from tests.house.law import Law, Page

_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->|/\*.*?\*/", re.DOTALL)
_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE)
_STYLE = re.compile(r"<style\b[^>]*>|\sstyle\s*=\s*[\"'{]", re.IGNORECASE)
_HANDLER = re.compile(r"\son[a-z]{3,}\s*=\s*[\"'{]|(?:href|src|action)\s*=\s*[\"']?javascript:", re.IGNORECASE)
_HEX = re.compile(r"(?<![\w&/\"'(=#-])#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\b(?![\w-])")
_HEX_IN_QUOTES = re.compile(r"[\"'(=]#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})[\"';)]")


def _without_comments(text: str) -> str:
    """Return `text` with comments blanked out, line by line, so that line numbers stay."""
    return _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _search(sentence: str, *patterns: re.Pattern[str]):
    def breaches(page: Page) -> Iterator[str]:
        for number, line in enumerate(_without_comments(page.text).splitlines(), start=1):
            for pattern in patterns:
                yield from (f"line {number}: '{found[0].strip()}': {sentence}" for found in pattern.finditer(line))

    return breaches


def _in_markup(page: Page) -> bool:
    return page.path.startswith(("themes/", "plugins/")) and page.name.endswith((".html", ".svg"))


def _in_page(page: Page) -> bool:
    return _in_markup(page) and "mail" not in page.parts


def _has_looks(page: Page) -> bool:
    return page.path.startswith(("themes/", "plugins/", "crowdcore/")) and page.name.endswith(
        (".html", ".css", ".js", ".mjs")
    )


PAGE = "themes/base/templates/jobs/job.html"

LAWS = (
    Law(
        says="no script inside a page",
        binds=_in_markup,
        breaches=_search("the content policy forbids it; write a module", _SCRIPT, _HANDLER),
        good=(
            (
                PAGE,
                '<script type="module" src="{{ static(module) }}"></script>\n<a data-onclick="1">x</a>\n',
            ),
            (PAGE, "{# <script>alert(1)</script> #}\n"),
        ),
        bad=(
            (PAGE, "<script>alert(1)</script>\n"),
            (PAGE, '<button onclick="go()">x</button>\n'),
            (PAGE, "<img onerror='x'>\n"),
            (PAGE, '<a href="javascript:go()">x</a>\n'),
        ),
    ),
    Law(
        says="no style inside a page (mails need it: their readers load no style sheet)",
        binds=_in_page,
        breaches=_search("the content policy forbids it; write a class", _STYLE),
        good=((PAGE, '<p class="muted" data-style="x">a style: b</p>\n'),),
        bad=((PAGE, '<p style="color: red">x</p>\n'), (PAGE, "<style>p { color: red }</style>\n")),
    ),
    Law(
        says="colours live in theme.toml",
        binds=_has_looks,
        breaches=_search("use a token", _HEX, _HEX_IN_QUOTES),
        good=(
            (PAGE, '<a href="#main">&#8217; {{ "#" }}</a> Nr. #12\n'),
            ("themes/base/static/base.css", "/* #fff */ a { color: var(--link); }\n#main { x: y }\n"),
        ),
        bad=(
            ("themes/base/static/base.css", "a { color: #0af; }\n"),
            ("themes/base/static/base.css", "a { color:#00aaffcc }\n"),
            (PAGE, '<svg fill="#0af">\n'),
            ("themes/base/static/map.js", "draw('#00aaff');\n"),
        ),
    ),
)
