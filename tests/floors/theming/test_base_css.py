"""The shared style sheet: roles only, readable, and no class without a rule."""

import re

from crowdcore.base.folders import shared_folder

BASE = shared_folder("themes") / "base"
CSS = (BASE / "static" / "base.css").read_text(encoding="utf-8")
CONSOLE_CSS = (BASE / "static" / "console.css").read_text(encoding="utf-8")
"""What only staff load, on top."""

RULES = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)


def test_no_colour_and_no_font_is_written_in_it():
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", RULES)
    assert not re.search(r"\b(rgba?|hsla?|oklch|color-mix)\(", RULES)
    assert not re.search(r":\s*(white|black|red|green|blue|gr[ae]y)\b", RULES)
    assert set(re.findall(r"font-family: ([^;]+);", RULES)) == {"var(--font-body)", "var(--font-heading)"}


def test_nothing_is_loaded_from_anywhere():
    assert "url(" not in RULES
    assert "@import" not in RULES


def test_classes_carry_the_neutral_prefix():
    selectors = " ".join(re.findall(r"([^{}]+)\{", RULES))
    assert {name for name in re.findall(r"\.(-?[a-zA-Z_][\w-]*)", selectors) if not name.startswith("p-")} == set()


def test_one_rule_per_line_and_every_bracket_closed():
    assert RULES.count("{") == RULES.count("}")
    assert all(line.count("{") <= 1 for line in RULES.splitlines() if not line.startswith("@"))


def test_important_only_where_the_reader_or_paper_asks():
    body, _, wishes = RULES.partition("@media (prefers-reduced-motion: reduce)")
    assert "!important" not in body
    assert wishes.count("!important") == 3


def test_a_reader_may_ask_for_less_motion_forced_colours_and_paper():
    for wish in ("prefers-reduced-motion: reduce", "forced-colors: active", "@media print"):
        assert wish in RULES


def test_the_templates_of_the_base_use_classes_that_exist():
    known = set(re.findall(r"\.(p-[\w-]+)", RULES + CONSOLE_CSS))
    for path in (BASE / "templates").glob("*.html"):
        used = set(re.findall(r"(?<![\w-])p-[a-z_]+(?:--?[a-z]+)*", path.read_text(encoding="utf-8")))
        unknown = {name for name in used if name not in known and not any(k.startswith(f"{name}--") for k in known)}
        assert unknown == set(), path


def test_it_stays_small():
    import gzip

    assert len(gzip.compress(CSS.encode())) < 10_000


def test_the_console_keeps_the_laws_of_the_base():
    import gzip

    rules = re.sub(r"/\*.*?\*/", "", CONSOLE_CSS, flags=re.DOTALL)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", rules)
    assert not re.search(r"\b(rgba?|hsla?|oklch|color-mix)\(|url\(|@import|!important", rules)
    names = re.findall(r"\.(-?[a-zA-Z_][\w-]*)", " ".join(re.findall(r"([^{}]+)\{", rules)))
    assert all(name.startswith("p-") for name in names)
    assert rules.count("{") == rules.count("}")
    assert len(gzip.compress(CONSOLE_CSS.encode())) < 6_000
