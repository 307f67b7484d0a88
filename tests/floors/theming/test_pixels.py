"""A mark as pixels: shapes land where SVG says, whatever way they are written."""

import struct
import zlib

import pytest

from crowdcore.base.errors import Fault
from crowdcore.theming.pixels import png
from crowdcore.theming.theme import ICONS, plain_theme

SIZE = 40


def read(data: bytes) -> list[list[tuple[int, ...]]]:
    """Return the pixels of a PNG as this project writes them."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        content = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + content)
        chunks[kind], at = content, at + 12 + length
    width, height, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert rest == [8, 6, 0, 0, 0]
    raw, line = zlib.decompress(chunks[b"IDAT"]), 1 + 4 * width
    rows = [raw[at : at + line] for at in range(0, len(raw), line)]
    assert len(rows) == height
    return [[tuple(row[1 + 4 * x : 5 + 4 * x]) for x in range(width)] for row in rows]


def drawn(shapes: str, **more) -> list[list[tuple[int, ...]]]:
    """Return a picture of 40 by 40 pixels of shapes in a box of 40 by 40."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">{shapes}</svg>'
    return read(png(svg, size=SIZE, **more))


def covered(pixels) -> float:
    """Return the area that is painted, in pixels."""
    return sum(pixel[3] for row in pixels for pixel in row) / 255


RED, NOTHING = (255, 0, 0, 255), (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        ('<rect x="10" y="10" width="20" height="10"/>', 200),
        ('<rect x="10.5" y="10.25" width="20" height="10"/>', 200),
        ('<rect x="0" y="0" width="40" height="40" rx="20"/>', 1256.6),
        ('<circle cx="20" cy="20" r="10"/>', 314.2),
        ('<ellipse cx="20" cy="20" rx="10" ry="5"/>', 157.1),
        ('<path d="M10 10H30V20H10Z"/>', 200),
        ('<path d="m10 10h20v10h-20z"/>', 200),
        ('<path d="M10 20a10 10 0 0120 0z"/>', 157.1),
        ('<path d="M20 10C20 10 20 10 30 20L10 20z"/>', 100),
        ('<path d="M10 10Q20 10 30 10T30 20L10 20z"/>', 233.3),
        ('<path d="M10 10S30 10 30 10L30 20L10 20z"/>', 200),
        ('<path d="M-50 10H90V20H-50z"/>', 400),
        ('<polygon points="10,10 30,10 30,20 10,20"/>', 200),
        ('<line x1="10" y1="20" x2="30" y2="20" stroke="#f00" stroke-width="4"/>', 80),
        ('<polyline points="10,20 30,20" fill="none" stroke="red" stroke-width="0"/>', 0),
        ('<path d="M10 20H30" fill="none" stroke="#ff0000" stroke-width="4" stroke-linecap="round"/>', 92.6),
        ('<rect x="10" y="10" width="20" height="10" fill="none"/>', 0),
        ('<g opacity=".5"><rect x="10" y="10" width="20" height="10" fill-opacity=".5"/></g>', 50),
        ('<path fill-rule="evenodd" d="M0 0H40V40H0zM10 10H30V30H10z"/>', 1200),
        ('<path d="M0 0H40V40H0zM10 10H30V30H10z"/>', 1600),
        ('<path d="M0 0H40V40H0zM10 10V30H30V10z"/>', 1200),
        ('<path d=""/>', 0),
        ('<rect width="10" height="10" transform="translate(10 5) scale(2)"/>', 400),
        ('<rect width="10" height="10" transform="translate(20)"/>', 100),
        ('<rect width="20" height="10" transform="rotate(90 20 20)"/>', 200),
        ('<rect width="20" height="10" transform="rotate(-90) translate(-30 5)"/>', 200),
        ('<rect width="10" height="10" transform="matrix(1 0 0 1 5 5)"/>', 100),
        ('<rect width="10" height="10" transform="skewX(45)"/>', 100),
        ('<rect width="10" height="10" transform="skewY(45)"/>', 100),
    ],
)
def test_a_shape_covers_its_area(shape, area):
    assert covered(drawn(shape.replace("red", "black"))) == pytest.approx(area, abs=max(2.5, area * 0.02))


def test_colours_stand_where_the_shape_is_and_nowhere_else():
    pixels = drawn('<rect x="10" y="10" width="20" height="10" fill="#FF0000"/>')
    assert {pixels[y][x] for y in range(10, 20) for x in range(10, 30)} == {RED}
    assert {pixels[y][x] for y in (0, 9, 20, 39) for x in range(40)} == {NOTHING}


def test_later_shapes_lie_on_earlier_ones_and_half_a_pixel_is_half_as_strong():
    pixels = drawn('<rect width="40" height="40" fill="#fff"/><rect width="20.5" height="40" fill="black"/>')
    assert pixels[5][5][:3] == (0, 0, 0)
    assert pixels[5][30][:3] == (255, 255, 255)
    assert pixels[5][20] == (128, 128, 128, 255)


def test_an_inset_leaves_a_border_in_the_colour_of_the_ground():
    pixels = drawn('<rect width="40" height="40" fill="#ff0000"/>', inset=0.25, background="#0000FF")
    assert pixels[0][0] == (0, 0, 255, 255)
    assert pixels[20][20] == RED
    assert [pixels[20][x] == RED for x in (9, 10, 29, 30)] == [False, True, True, False]


def test_a_colour_by_name_is_refused_with_the_remedy():
    with pytest.raises(Fault, match="write it as #RRGGBB"):
        drawn('<rect width="4" height="4" fill="hotpink"/>')


def test_every_icon_of_a_portal_has_its_size():
    theme = plain_theme()
    for name in ("icon-192.png", "icon-apple-180.png"):
        pixels = read(theme.icon_png(name))
        assert len(pixels) == len(pixels[0]) == ICONS[name].size
        assert theme.url(name) == f"/_t/{theme.version}/{name}"
