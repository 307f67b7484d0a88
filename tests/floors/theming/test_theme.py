"""Reading a partner's theme: what is refused, with which code, and where."""

import re

import pytest

from crowdcore.base.errors import Fault
from crowdcore.base.folders import shared_folder
from crowdcore.plugin.problems import ContentError
from crowdcore.theming.theme import plain_theme, read_theme


def problems_of(folder):
    with pytest.raises(ContentError) as error:
        read_theme(folder)
    return error.value.problems


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('slate = "#28527A"', 'slate = "#12"', "theme.color"),
        ('slate = "#28527A"', 'slate = "redd"', "theme.color"),
        ('slate = "#28527A"', 'slate = "rgb(300,0,0)"', "theme.color"),
        ('slate = "#28527A"', "slate = 28527", "theme.color"),
        ('slate = "#28527A"', 'slate = "red;}body{display:none"', "theme.color"),
        ('slate = "#28527A"', 'slate = "url(https://evil.example)"', "theme.url_not_allowed"),
        ('slate = "#28527A"', 'slate = "expression(alert(1))"', "theme.css_not_allowed"),
        ('radius = "8px"', 'radius = "</style>"', "theme.css_not_allowed"),
        ('radius = "8px"', 'radius = "@import x"', "theme.css_not_allowed"),
        ('text_muted = "#4E5661"', 'text_muted = "#9AA0AA"', "theme.contrast"),
        ('radius = "8px"', 'raduis = "8px"', "theme.unknown_token"),
        ("[shape]", "[shapes]", "theme.unknown_token"),
        ('surface = "#F1F3F6"', "", "theme.required"),
        ("schema = 1", "schema = 2", "theme.required"),
        ('body = "{stack.system}"', "body = \"'Comic Sans', sans-serif\"", "theme.font"),
        ('body = "{stack.system}"', 'body = "{stack.sistem}"', "theme.font"),
        ('body = "{stack.system}"', 'body = "Arial"', "theme.font"),
        ('body = "{stack.system}"', 'body = "https://fonts.example/x.woff2"', "theme.font_external"),
        ('base_size = "17px"', 'base_size = "4px"', "theme.font_size"),
        ('base_size = "17px"', 'base_size = "200px"', "theme.font_size"),
        ('radius = "8px"', 'radius = "-3px"', "theme.length"),
        ('radius = "8px"', 'radius = "1em; color:red"', "theme.length"),
        ('radius = "8px"', "radius = 8", "theme.length"),
        ('line_height = "1.5"', 'line_height = "1.2"', "theme.length"),
        ('page = "{brand.paper}"', 'page = "{brand.papper}"', "theme.reference"),
        ('ink = "#16191D"', 'ink = "{brand.ink}"', "theme.reference"),
        ('mark = "mark.svg"', 'mark = "../secret.svg"', "theme.asset"),
        ('mark = "mark.svg"', 'mark = "absent.svg"', "theme.asset"),
        ('parent = "base"', 'parent = "other"', "theme.choice"),
        ("[motion]", '[pwa]\ndisplay = "fullscreen"\n[motion]', "theme.choice"),
        (
            "[motion]",
            '[mail]\nbutton = { background = "#FFFFFF", text = "#FFFFF0" }\n[motion]',
            "theme.contrast",
        ),
    ],
)
def test_a_wrong_value_has_a_code_and_a_place(theme_folder, old, new, code):
    folder = theme_folder((old, new))
    problems = problems_of(folder)
    assert code in {problem.code for problem in problems}
    assert all(problem.path == str(folder / "theme.toml") and problem.line >= 1 for problem in problems)


def test_the_place_is_the_line_and_column_of_the_key(theme_folder):
    folder = theme_folder(('danger = "#A6212F"', 'danger = "#FFAAAA"'))
    (problem,) = [p for p in problems_of(folder) if "danger on page" in p.message]
    line = (folder / "theme.toml").read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line.startswith("danger = ")
    assert problem.column == 1


def test_a_contrast_problem_measures_and_offers_the_nearest_colour(theme_folder):
    folder = theme_folder(('text_muted = "#4E5661"', 'text_muted = "#9AA0AA"'))
    problem = problems_of(folder)[0]
    assert re.search(r"text_muted on page is 2\.\d\d:1 in light mode, needs 4\.5:1", problem.message)
    better = re.search(r"nearest colour that passes: (#[0-9A-F]{6})", problem.hint)[1]
    assert read_theme(theme_folder(('text_muted = "#4E5661"', f'text_muted = "{better}"')))


def test_a_misspelt_token_has_its_neighbour_named(theme_folder):
    (problem,) = [p for p in problems_of(theme_folder(('radius = "8px"', 'raduis = "8px"'))) if "raduis" in p.message]
    assert "did you mean 'radius'?" in problem.hint


def test_all_faults_come_at_once(theme_folder):
    folder = theme_folder(
        ('radius = "8px"', 'radius = "x"'), ('unit = "4px"', 'unit = "9px"'), ("schema = 1", "schema = 7")
    )
    assert len(problems_of(folder)) == 3


def test_missing_roles_are_listed_together(theme_folder):
    folder = theme_folder(('surface = "#F1F3F6"', ""), ('border = "#7A838F"', ""))
    assert [p.message for p in problems_of(folder)] == ["[color.light] lacks surface, border"]


def test_what_is_read_on_a_colour_may_be_left_out(theme_folder):
    theme = read_theme(theme_folder(('on_accent = "{brand.paper}"\n', ""), ('on_accent = "#0B1E30"\n', "")))
    assert (theme.light["on_accent"], theme.dark["on_accent"]) == ("#FFFFFF", "#000000")


def test_what_a_theme_does_not_say_is_neutral(theme_folder):
    theme = read_theme(theme_folder(('radius = "8px"', ""), ("[motion]\n", ""), ('fast = "120ms"', "")))
    assert (theme.tokens["shape.radius"], theme.tokens["motion.fast"]) == ("8px", "120ms")


def test_a_small_touch_target_is_a_warning(theme_folder):
    theme = read_theme(theme_folder(('touch_target = "44px"', 'touch_target = "30px"')))
    assert [warning.hint for warning in theme.warnings] == ["44px is advised"]


def test_references_are_followed_and_stacks_put_in(theme_folder):
    theme = read_theme(
        theme_folder(("[motion]", '[mail]\nbutton = { background = "{dark.accent}", text = "{brand.ink}" }\n[motion]'))
    )
    assert theme.light["accent"] == "#28527A"
    assert theme.tokens["type.body"].startswith("system-ui, ")
    assert (theme.tokens["mail.button_background"], theme.tokens["mail.button_text"]) == (
        "#8FBDEB",
        "#16191D",
    )


def test_a_font_list_is_written_safely(theme_folder):
    theme = read_theme(theme_folder(('body = "{stack.system}"', 'body = "Avenir Next, Corbel, sans-serif"')))
    assert theme.tokens["type.body"] == "'Avenir Next', Corbel, sans-serif"


def test_a_broken_file_names_the_line(theme_folder):
    (problem,) = problems_of(theme_folder(("schema = 1", "schema = = 1")))
    assert problem.code == "theme.syntax"
    assert problem.line == 4


def test_a_missing_theme_is_no_other_theme(tmp_path):
    assert [problem.code for problem in problems_of(tmp_path)] == ["file.not_found"]


def test_the_style_sheet_defines_every_property_that_base_css_uses():
    base = (shared_folder("themes") / "base" / "static" / "base.css").read_text(encoding="utf-8")
    used = set(re.findall(r"var\((--[\w-]+)", base))
    own = set(re.findall(r"(--[\w-]+):", base))
    given = set(re.findall(r"(--[\w-]+):", plain_theme().css()))
    assert used - own - given == set()
    assert given - used == set(), "a property nobody uses is not a decision"


def test_light_and_dark_give_the_same_colours():
    light, dark = plain_theme().css().split("@media (prefers-color-scheme: dark)")
    colour = re.compile(r"(--[\w-]+): (?:#|rgb|0 1px)")
    assert set(colour.findall(light)) == set(colour.findall(dark))


def test_tints_are_plain_colours():
    css = plain_theme().css()
    assert "color-mix" not in css
    assert re.search(r"--soft: #[0-9A-F]{6};", css)
    assert "--root-size: 106.25%;" in css  # 17 px for whoever left the browser at 16
    assert "--step-2: 1.4884rem;" in css


def test_the_version_follows_the_content(theme_folder):
    first = read_theme(theme_folder()).version
    assert read_theme(theme_folder()).version == first
    assert read_theme(theme_folder(('radius = "8px"', 'radius = "9px"'))).version != first


def test_files_are_addressed_by_version():
    theme = plain_theme()
    assert theme.url("theme.css") == f"/_t/{theme.version}/theme.css"
    assert theme.files["theme.css"] == ("text/css; charset=utf-8", theme.css())
    with pytest.raises(Fault, match=r"no file 'them\.css'"):
        theme.url("them.css")


def test_a_portal_without_a_mark_has_an_icon_in_its_accent(theme_folder):
    theme = read_theme(theme_folder(('mark = "mark.svg"', "")))
    assert theme.mark_markup is None
    assert 'fill="#28527A"' in theme.icon_svg()
