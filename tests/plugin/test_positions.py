"""Positions: every path tomllib knows has a place, and the place is right."""

import tomllib

import pytest
from hypothesis import given, settings, strategies as st

from crowdcore.plugin.positions import locate


def paths(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


DOCUMENT = '''\
# a comment with [brackets] and "quotes"
title = "a # is no comment here"
"quoted key".'other one' = 1

[server.limits]   # header comment
cpu = 4
hosts = [
  "a", # first
  "b",
  { name = "c", ports = [80, 443] },
]

[[service]]
id = "one"
long = """
[[service]] = "no header"
ends in two quotes"""""
[service.price]
CHF = { guide = "59.00", low = "49.00" }
[[service.step]]
de = 'Erst \\'
[[service.step]]
de = """x\\""""

[[service]]
id = "two"
at = 2024-05-27 07:32:00
'''


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 1, 1),
        (("title",), 2, 1),
        (("quoted key", "other one"), 3, 1),
        (("server", "limits", "cpu"), 6, 1),
        (("server", "limits", "hosts", 1), 9, 3),
        (("server", "limits", "hosts", 2, "ports", 1), 10, 30),
        (("service", 0), 13, 1),
        (("service", 0, "price", "CHF", "low"), 19, 26),
        (("service", 0, "step", 1, "de"), 23, 1),
        (("service", 1, "at"), 27, 1),
    ],
)
def test_a_known_document(path, line, column):
    assert locate(DOCUMENT)[path] == (line, column)


def test_windows_line_ends_change_nothing():
    assert locate(DOCUMENT.replace("\n", "\r\n")) == locate(DOCUMENT)


def test_elements_of_an_array_inside_an_array_start_again():
    text = "[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]\n"
    assert set(locate(text)) == set(paths(tomllib.loads(text)))
    assert locate(text)["a", 1, "b", 0] == (5, 1)


bare = st.text("abcXYZ019_-", min_size=1, max_size=4)
odd = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=5)


def basic(value):
    escaped = "".join(f"\\U{ord(char):08x}" if char in '"\\' else char for char in value)
    return f'"{escaped}"'


keys = st.one_of(bare, odd.map(basic))
strings = st.one_of(
    odd.map(basic),
    odd.filter(lambda text: "'" not in text).map(lambda text: f"'{text}'"),
    st.lists(st.sampled_from(["a", "#", "[x]", "\n", '"', '""', "\\\\", '\\"', "=", "é"]), max_size=6).map(
        lambda parts: '"""' + '"" '.join(parts).replace('"""', "'") + 'z"""'
    ),
    st.lists(st.sampled_from(["a", "#", "\n", "'", "''", '"""', "\\", "}"]), max_size=6).map(
        lambda parts: "'''" + " ".join(parts) + "z'''"
    ),
)
scalars = st.one_of(strings, st.sampled_from(["1", "-0.5", "true", "1979-05-27T07:32:00Z", "07:32:00", "nan"]))
gaps = st.sampled_from(["", " ", "\t", "  "])
breaks = st.sampled_from(["", " ", "\n", " # x ] } \" '\n", "\n\n  "])


def arrays(inner):
    def build(items, gap, end):
        return "[" + gap + f"{gap},{gap}".join(items) + ("," if end and items else "") + gap + "]"

    return st.builds(build, st.lists(inner, max_size=3), breaks, st.booleans())


def inline_tables(inner):
    def build(pairs, gap):
        return "{" + gap + f"{gap},{gap}".join(f"{key}{gap}={gap}{value}" for key, value in pairs) + gap + "}"

    return st.builds(build, st.lists(st.tuples(keys, inner), max_size=3), gaps)


values = st.recursive(scalars, lambda inner: arrays(inner) | inline_tables(inner), max_leaves=6)
dotted = st.builds(lambda parts, gap: f"{gap}.{gap}".join(parts), st.lists(keys, min_size=1, max_size=3), gaps)
lines = st.one_of(
    st.builds(lambda key, gap, value: f"{gap}{key}{gap}={gap}{value}{gap}# end", dotted, gaps, values),
    dotted.map(lambda key: f"[{key}]"),
    dotted.map(lambda key: f"[[ {key} ]] # x"),
    st.sampled_from(["[[a]]", "[[a.b]]", "[a.b.c]", "[[a.c]]", "", "# note", "  "]),
)


def valid_part(candidates):
    """Keep each line that leaves the document valid, so that every example tests something."""
    kept = []
    for line in candidates:
        try:
            tomllib.loads("\n".join([*kept, line]))
        except tomllib.TOMLDecodeError:
            continue
        kept.append(line)
    return "\n".join(kept)


@given(st.lists(lines, max_size=12).map(valid_part))
@settings(max_examples=300, deadline=None)
def test_the_paths_are_those_of_the_parser(text):
    assert set(locate(text)) == set(paths(tomllib.loads(text)))
