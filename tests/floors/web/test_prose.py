"""Prose: a partner's longer texts become harmless HTML."""

import pytest

from crowdcore.web.prose import first_heading, prose


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\ntwo", "<p>One two</p>"),
        ("One\n\ntwo", "<p>One</p>\n<p>two</p>"),
        ("# Title\ntext", "<h2>Title</h2>\n<p>text</p>"),
        ("### Deep", "<h4>Deep</h4>"),
        ("#no heading", "<p>#no heading</p>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("1. one\n2) two", "<ol><li>one</li><li>two</li></ol>"),
        ("text\n- one\nmore", "<p>text</p>\n<ul><li>one</li></ul>\n<p>more</p>"),
        ("a **b** c", "<p>a <strong>b</strong> c</p>"),
        ("[x](https://a.example/b?c=1&d=2)", '<p><a href="https://a.example/b?c=1&amp;d=2">x</a></p>'),
        ("[m](mailto:a@b.example) [t](tel:+41) [p](/de/x)", None),
        ("", ""),
    ],
)
def test_what_it_knows(text, html):
    made = prose(text)
    assert made == html if html is not None else made.count("<a href") == 3


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](//evil.example)",
        "[x](/\\evil.example)",
        "[x](data:text/html,x)",
        '[x](https://a.example/"onclick="x)',
        "**<img src=x onerror=y>**",
        "- <b onclick=x>",
        "# <i>",
        "[<b>](https://a.example)",
    ],
)
def test_nothing_else_gets_through(text):
    made = prose(text)
    assert "<script" not in made
    assert "<img" not in made
    assert "<b" not in made
    assert "<i>" not in made
    assert 'href="javascript' not in made
    assert made.count("<a ") == made.count('<a href="https://a.example')


def test_the_first_heading_is_the_pages_own():
    assert first_heading("# Terms\n\nText") == ("Terms", "\nText")
    assert first_heading("Text\n# Terms") == ("", "Text\n# Terms")
