"""`crowdcore plugin new`: what it writes is a whole portal without a word of warning, whatever the brand's colour."""

import pytest
from click.testing import CliRunner

from crowdcore.app.cli_operate import staff
from crowdcore.app.cli_plugin import plugin
from crowdcore.app.new_plugin import NewPlugin, palettes
from crowdcore.base.errors import Fault
from crowdcore.plugin.loader import PluginState, load
from crowdcore.settings import Settings, use_settings
from crowdcore.theming.proof import prove
from crowdcore.theming.theme import read_theme

HARD_COLOURS = ("#FFFFFF", "#000000", "#FFE600", "#E4002B", "#00A3E0", "#7A7A7A", "#0B2310", "#FF69B4")


def begun(**changes):
    answers = {"id": "quartier", "brand": "Quartier", "colour": "#0A5FD9", "host": "quartier.localhost"}
    return NewPlugin(**{**answers, "regions": ("CH-BE", "CH-ZH"), "code": False, **changes})


@pytest.mark.parametrize("colour", HARD_COLOURS)
def test_every_colour_becomes_a_readable_look(colour):
    for mode, roles in zip(("light", "dark"), palettes(colour), strict=True):
        assert [measured for measured in prove(mode, roles) if not measured.passes] == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"code": True},
        {"id": "zwei-wege-24", "brand": "Zwei & Wege’24", "colour": "#FFE600", "host": "hilfe.zwei-wege.example"},
        {"id": "donau", "brand": "Donauhilfe", "regions": ("AT-9",), "code": True},
        {"id": "neckar", "brand": "Neckar.Hilfe", "regions": ("DE-BW", "DE-BY")},
        {"id": "rhein", "brand": "Rhein", "regions": ("LI",)},
    ],
    ids=lambda changes: changes.get("id", "quartier"),
)
def test_what_is_written_loads_without_a_word(tmp_path, changes):
    begin = begun(**changes)
    written = begin.write(tmp_path)
    (loaded,) = load([tmp_path]).plugins
    assert loaded.problems == ()
    assert loaded.state is PluginState.LOADED
    assert loaded.hooks == (("guide_price",) if begin.code else ())
    portal = loaded.portal
    assert (portal.partner.name.brand, portal.partner.primary_host) == (begin.brand, begin.host)
    assert portal.partner.regions.live == frozenset(begin.regions)
    assert (len(portal.catalog.bookable()), len(portal.exams["basics"].questions)) == (4, 12)
    assert portal.triage is not None
    assert read_theme(loaded.folder / "theme").warnings == ()
    for path in written:
        text = path.read_text(encoding="utf-8")
        left = [name for name in ("@id@", "@brand@", "@region@", "@light@", "@code@", "@currency@") if name in text]
        assert left == [], path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "Quartier"}, "no name for a plugin"),
        ({"id": "core"}, "no name for a plugin"),
        ({"id": "../quartier"}, "no name for a plugin"),
        ({"brand": 'Quartier"'}, "the brand"),
        ({"brand": "Q\n"}, "the brand"),
        ({"colour": "blue"}, "#rrggbb"),
        ({"host": "quartier.localhost:8000"}, "no host name"),
        ({"regions": ("CH-BEE",)}, "did you mean 'CH-BE'"),
        ({"regions": ("CH-BE", "DE-BW")}, "one country"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_before_anything_is_written(tmp_path, changes, said):
    with pytest.raises(Fault, match=said):
        begun(**changes).write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path):
    begun().write(tmp_path)
    with pytest.raises(Fault, match="there already"):
        begun().write(tmp_path)


def test_the_command_says_what_comes_next_and_check_knows_the_plugin(tmp_path):
    use_settings(Settings(var_dir=tmp_path, plugin_path=str(tmp_path / "plugins")))
    try:
        (tmp_path / "plugins").mkdir()
        made = CliRunner().invoke(plugin, ["new", "quartier", "--brand", "Quartier", "--region", "CH-BE"])
        assert made.exit_code == 0, made.output
        assert "crowdcore plugin check quartier" in made.output
        checked = CliRunner().invoke(plugin, ["check", "quartier"])
        assert (checked.exit_code, checked.output) == (0, "0 problems, 0 warnings\n")
        theme = tmp_path / "plugins/quartier/theme/theme.toml"
        theme.write_text(theme.read_text().replace('text = "#16191D"', 'text = "#CCCCCC"'))
        checked = CliRunner().invoke(plugin, ["check"])
        assert checked.exit_code == 3
        assert "theme.contrast" in checked.output
        theme.write_text(theme.read_text().replace('text = "#CCCCCC"', 'text = "#16191D"'))
        slots = tmp_path / "plugins/quartier/slots"
        slots.mkdir()
        (slots / "home.tpo.html").write_text("<p>New</p>")
        checked = CliRunner().invoke(plugin, ["check", "quartier"])
        assert "no place is called 'home.tpo'; did you mean 'home.top'?" in checked.output
        (slots / "home.tpo.html").rename(slots / "home.top.html").write_text("{% if %}")
        checked = CliRunner().invoke(plugin, ["check", "quartier"])
        assert (checked.exit_code, "home.top.html:1" in checked.output) == (3, True), checked.output
        with pytest.raises(Fault, match="there is no plugin 'quartir'"):
            CliRunner().invoke(plugin, ["check", "quartir"], catch_exceptions=False)
    finally:
        use_settings(None)


def test_staff_of_a_partner_that_does_not_exist_is_refused_by_name(tmp_path):
    begun().write(tmp_path / "plugins")
    use_settings(Settings(var_dir=tmp_path, plugin_path=str(tmp_path / "plugins")))
    try:
        with pytest.raises(Fault, match="there is no partner 'quartir'; there are: quartier"):
            CliRunner().invoke(staff, ["add", "a@b.example", "--partner", "quartir"], catch_exceptions=False)
    finally:
        use_settings(None)
