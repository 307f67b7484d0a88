"""A partner's drawing on our pages: shapes, and nothing else."""

import pytest

from crowdcore.base.errors import Fault
from crowdcore.theming.marks import read_drawing

ROLES = {"accent": "#4030C8", "on_accent": "#FFFFFF"}


def drawing(tmp_path, body, attributes='viewBox="0 0 34 34"'):
    path = tmp_path / "mark.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>', encoding="utf-8")
    return read_drawing(path)


def test_the_colours_of_the_theme_follow_the_mode(tmp_path):
    mark = drawing(
        tmp_path, '<rect width="9" height="9" fill="#4030c8"/><path d="M1 1h2" stroke="#FFFFFF" fill="none"/>'
    )
    inline = mark.inline(ROLES)
    assert '<rect width="9" height="9" fill="currentColor" />' in inline
    assert 'class="p-mark__stroke"' in inline
    assert "#" not in inline
    assert 'aria-hidden="true"' in inline


def test_fill_and_stroke_on_the_accent_share_one_class_attribute(tmp_path):
    inline = drawing(tmp_path, '<path d="M1 1h2" stroke="#FFFFFF" fill="#FFFFFF"/>').inline(ROLES)
    assert 'class="p-mark__stroke p-mark__fill"' in inline


def test_shapes_without_a_colour_take_the_accent_not_black(tmp_path):
    mark = drawing(tmp_path, '<path d="M1 1h2"/>')
    assert mark.inline(ROLES).startswith('<svg fill="currentColor"')
    assert mark.fixed(ROLES).startswith('<svg fill="#4030C8"')


def test_a_file_of_its_own_has_plain_colours_and_a_name_space(tmp_path):
    fixed = drawing(tmp_path, '<circle cx="1" cy="1" r="1" fill="currentColor"/>').fixed(ROLES)
    assert 'fill="#4030C8"' in fixed
    assert 'xmlns="http://www.w3.org/2000/svg"' in fixed


def test_names_and_sizes_are_left_out(tmp_path):
    mark = drawing(tmp_path, "<title>Brand</title><desc>x</desc>", 'viewBox="0 0 9 9" width="34" id="x" role="img"')
    assert mark.inline(ROLES) == '<svg fill="currentColor" viewBox="0 0 9 9" aria-hidden="true" />'


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<path d="M0 0" onclick="x()"/>',
        '<a href="https://evil.example"><path d="M0 0"/></a>',
        '<image href="x.png"/>',
        '<use href="#x"/>',
        '<path d="M0 0" style="fill:red"/>',
        '<path d="M0 0" fill="url(#x)"/>',
        '<path d="M0 0" fill="red;}"/>',
        "<foreignObject/>",
        "<style>*{}</style>",
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">x</h:script>',
    ],
)
def test_anything_but_shapes_is_refused(tmp_path, body):
    with pytest.raises(Fault, match="not allowed"):
        drawing(tmp_path, body)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg/>', "document type"),
        ('<?xml-stylesheet href="x"?><svg/>', "style sheet"),
        ("<svg", "is no SVG"),
        ('<svg viewBox="0 0 1 1"/>', "SVG namespace"),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', "viewBox"),
        (" " * 60_001, "at most 60000"),
    ],
)
def test_what_is_no_plain_svg_is_refused(tmp_path, content, complaint):
    path = tmp_path / "mark.svg"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Fault, match=complaint):
        read_drawing(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Fault, match=r"mark\.svg is missing"):
        read_drawing(tmp_path / "mark.svg")
