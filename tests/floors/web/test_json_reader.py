"""Strict JSON: A05-A08 and A18-A20 of the bad inputs, and that good JSON stays what it is."""

import contextlib
import json

import pytest
from hypothesis import given, strategies as st

from crowdcore.web.json_reader import (
    DEEPEST,
    ContentType,
    JsonDuplicateKey,
    JsonEncoding,
    JsonNumber,
    JsonSyntax,
    JsonTooDeep,
    check_content_type,
    read_json,
)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b'{"a":', JsonSyntax),
        (b"", JsonSyntax),
        (b"{'a': 1}", JsonSyntax),
        (b'{"a": 1,}', JsonSyntax),
        (b'{"a": 1} x', JsonSyntax),
        (b'{"a": 01}', JsonSyntax),
        (b'"\x01"', JsonSyntax),
        (b'{"a": 1, "a": 1}', JsonDuplicateKey),
        (b'{"x": [{"a": 1, "\\u0061": 2}]}', JsonDuplicateKey),
        (b'{"a": NaN}', JsonNumber),
        (b'{"a": -Infinity}', JsonNumber),
        (b'{"a": 1e400}', JsonNumber),
        (b'{"a": ' + b"9" * 65 + b"}", JsonNumber),
        (b'{"a": 0.' + b"9" * 65 + b"}", JsonNumber),
        (b"[" * 1000 + b"]" * 1000, JsonTooDeep),
        (b'{"a":' * 33 + b"1" + b"}" * 33, JsonTooDeep),
        (b"[" * 1000, JsonTooDeep),
        (b'{"a": "\\ud800"}', JsonEncoding),
        (b'{"\\udc00": 1}', JsonEncoding),
        (b'{"a": "\xff"}', JsonEncoding),
        (b'\xef\xbb\xbf{"a": 1}', JsonEncoding),
        ('{"a": 1}'.encode("utf-16"), JsonEncoding),
        ('{"a": 1}'.encode("utf-16-le"), JsonEncoding),
        ('{"a": 1}'.encode("utf-32"), JsonEncoding),
    ],
)
def test_what_is_not_one_clear_value_is_refused(body, refusal):
    with pytest.raises(refusal):
        read_json(body)


def test_the_place_of_a_fault_is_named():
    with pytest.raises(JsonSyntax) as caught:
        read_json(b'{\n  "a": }')
    assert caught.value.params == {"line": 2, "column": 8}
    with pytest.raises(JsonDuplicateKey) as caught:
        read_json(b'{"price": 1, "price": 2}')
    assert caught.value.params == {"key": "'price'"}


def test_brackets_inside_text_are_not_depth():
    assert read_json(json.dumps({"a": "[" * 100 + '"' + "{" * 100}).encode())
    assert read_json(b"[" * DEEPEST + b"]" * DEEPEST)


def test_whole_characters_in_escapes_are_fine():
    assert read_json(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**60), 10**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=15,
)


@given(_values)
def test_good_json_means_what_it_always_meant(value):
    assert read_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=60))
def test_no_body_breaks_the_reader(body):
    with contextlib.suppress(JsonSyntax, JsonDuplicateKey, JsonEncoding, JsonNumber, JsonTooDeep):
        read_json(body)


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_is_announced_as_json(kind):
    check_content_type(kind, "")
    check_content_type(kind, "identity")


@pytest.mark.parametrize(
    ("kind", "encoding"),
    [
        ("", ""),
        ("text/plain", ""),
        ("application/jsonp", ""),
        ("application/x-www-form-urlencoded", ""),
        ("application/json; charset=utf-16", ""),
        ("application/json", "gzip"),
    ],
)
def test_anything_else_is_415(kind, encoding):
    with pytest.raises(ContentType):
        check_content_type(kind, encoding)
