"""Bad files: each mistake is made in a copy of the example, and comes out with its code and its line."""

import pytest

from crowdcore.plugin.loader import load
from crowdcore.plugin.problems import MAX_SHOWN, ContentError, FileProblem
from crowdcore.plugin.settings import Secrets
from tests.plugin.mistakes import CATALOG, EXAM, LESSON, MANIFEST, MISTAKES, PARTNER
from tests.plugin.samples import EXAMPLE, codes, copy_example, spoil


def read(folder):
    (plugin,) = load([folder], secrets=Secrets(None, {})).plugins
    return plugin


def line_of(text, needle):
    """Return the line `needle` first stands on, or stands on for the n-th time."""
    word, count = needle if isinstance(needle, tuple) else (needle, 1)
    lines = [number for number, line in enumerate(text.split("\n"), 1) if word in line]
    return lines[count - 1]


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "needle"), MISTAKES, ids=[f"{m[3]}-{n}" for n, m in enumerate(MISTAKES)]
)
def test_a_mistake_has_its_code_and_its_line(tmp_path, name, old, new, code, needle):
    folder = copy_example(tmp_path)
    if old is None:
        (folder / name).write_text(new)
        text = new
    else:
        text = spoil(folder / name, old, new)
    plugin = read(folder)
    assert plugin.portal is None
    found = [problem for problem in plugin.problems if not problem.warning]
    assert codes(found) == [code], "\n".join(map(str, found))
    assert found[0].path == str(folder / name)
    assert found[0].line == (0 if needle is None else line_of(text, needle))
    assert len(str(found[0]).removeprefix(str(folder))) < 600


def test_the_example_itself_has_no_problem(tmp_path):
    assert read(EXAMPLE).problems == ()


def test_all_missing_keys_come_at_once(tmp_path):
    (tmp_path / "plugin.toml").write_text("schema = 1\n")
    plugin = read(tmp_path)
    assert codes(plugin.problems) == ["manifest.required"] * 6
    missing = {problem.message.split("'")[1] for problem in plugin.problems}
    assert missing == {"id", "version", "name", "licence", "contact", "api"}


def test_all_mistakes_of_all_files_come_at_once_sorted_by_place(tmp_path):
    folder = copy_example(tmp_path)
    for name, old, new in [
        (CATALOG, '"59.00"', '"59,00"'),
        (CATALOG, 'family = "tv"', 'family = "telly"'),
        (CATALOG, "on_demand =", "on_demad ="),
        (EXAM, "pass_percent = 80", "pass_percent = 0"),
    ]:
        spoil(folder / name, old, new)
    problems = read(folder).problems
    assert codes(problems) == ["value.choice", "money.format", "catalog.unknown_key", "exam.pass_mark"]
    assert list(problems) == sorted(problems)


@pytest.mark.parametrize(
    ("name", "old", "new", "hint"),
    [
        (CATALOG, "on_demand =", "on_demad =", "did you mean 'on_demand'?"),
        (CATALOG, 'exam = "first-steps"', 'exam = "first-step"', "did you mean 'first-steps'?"),
        (CATALOG, '"59.00"', '"59.02"', 'nearest: "59.00"'),
        (CATALOG, "Box und Fernseher", "Maß und Straße", "write 'Mass und Strasse verbinden'"),
        (CATALOG, LESSON, 'id = "tv-setup"', "first on line 14"),
        (PARTNER, '"CH-ZH"', '"CH-ZHH"', "did you mean 'CH-ZH'?"),
        (
            PARTNER,
            'fallback = "partner_support"',
            'fallback = "partner_suport"',
            "did you mean 'partner_support'?",
        ),
        (PARTNER, 'notice_at = "60min"', 'notice_at = "an hour"', 'write "30s", "10min", "3h" or "14d", at most 14d'),
        (MANIFEST, "licence =", "license =", "did you mean 'licence'?"),
        (PARTNER, 'status = "live"', 'status = "live"\nplugin = "a"\n[plugin.a]', "one name is used twice"),
    ],
)
def test_the_hint_says_what_to_write(tmp_path, name, old, new, hint):
    folder = copy_example(tmp_path)
    spoil(folder / name, old, new)
    assert hint in read(folder).problems[0].hint


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (PARTNER, 'currency = "CHF"', 'currency = "CHF"\nvat_percent = "7.7"', "vat.outdated"),
        (EXAM, "wait_hours = 24", "wait_hours = 0", "exam.no_cooldown"),
        (EXAM, "count = 4", "count = 6", "exam.pool_small"),
        (EXAM, "count = 4", "count = 3", "exam.guessable"),
        (EXAM, "A socket hangs", "A socket hangs " + "x" * 280, "question.long_prompt"),
    ],
)
def test_a_warning_does_not_stop_the_portal(tmp_path, name, old, new, code):
    folder = copy_example(tmp_path)
    spoil(folder / name, old, new)
    plugin = read(folder)
    assert codes(plugin.problems) == [code]
    assert plugin.problems[0].warning
    assert plugin.portal is not None


def test_a_nested_document_without_end_is_an_error_not_a_crash(tmp_path):
    folder = copy_example(tmp_path)
    (folder / CATALOG).write_text("x = " + "[" * 100_000)
    assert codes(read(folder).problems) == ["catalog.syntax"]


def test_bytes_that_are_no_text(tmp_path):
    folder = copy_example(tmp_path)
    (folder / CATALOG).write_bytes(b'name = "\xff"')
    assert codes(read(folder).problems) == ["file.encoding"]


def test_a_portal_needs_a_catalogue_and_a_catalogue_a_portal(tmp_path):
    folder = copy_example(tmp_path)
    (folder / CATALOG).unlink()
    assert codes(read(folder).problems) == ["file.not_found"]
    other = copy_example(tmp_path, "other")
    (other / PARTNER).unlink()
    assert codes(read(other).problems) == ["file.not_found"] * 4


def test_a_public_portal_has_no_gap_in_its_legal_texts(tmp_path):
    folder = copy_example(tmp_path)
    (folder / "legal" / "terms.fr.md").write_text("# Conditions\n\n[[Droit]]\n")
    problems = read(folder).problems
    assert codes(problems) == ["legal.gap"]
    assert "pilot" in problems[0].hint
    spoil(folder / PARTNER, 'status = "live"', 'status = "pilot"')
    assert read(folder).problems == ()


def test_two_questions_that_are_one(tmp_path):
    folder = copy_example(tmp_path)
    lines = (folder / EXAM).read_text().split("\n")
    first, second = [number for number, line in enumerate(lines) if line.startswith("prompt")][:2]
    lines[second] = lines[first]
    (folder / EXAM).write_text("\n".join(lines))
    (problem,) = read(folder).problems
    assert (problem.code, problem.line) == ("exam.duplicate_question", second + 1)


def test_two_exams_that_require_each_other(tmp_path):
    folder = copy_example(tmp_path)
    spoil(folder / EXAM, "valid_months = 24", 'valid_months = 24\nrequires = ["second"]')
    second = (folder / EXAM).read_text().replace('id = "first-steps"', 'id = "second"')
    (folder / "exams" / "second.toml").write_text(second.replace('["second"]', '["first-steps"]'))
    problems = read(folder).problems
    assert codes(problems) == ["exam.cycle"] * 2
    assert "first-steps -> second -> first-steps" in problems[0].message


def test_a_problem_is_a_link_for_editors():
    problem = FileProblem("a.toml", 3, 7, "x.y", "is wrong", "write z")
    assert str(problem) == "a.toml:3:7: x.y is wrong (hint: write z)"
    assert str(FileProblem("a.toml", 0, 0, "x.y", "is wrong", warning=True)) == "a.toml: x.y warning: is wrong"


def test_one_mistake_made_often_is_not_printed_for_ever():
    error = ContentError(FileProblem("a", n, 1, "x.y", "z") for n in range(200))
    assert len(error.problems) == 200
    assert len(str(error).split("\n")) == MAX_SHOWN + 1


def test_no_path_of_the_machine_and_no_long_value_is_shown(tmp_path):
    folder = copy_example(tmp_path)
    spoil(folder / CATALOG, '"59.00"', '"' + "9" * 5_000 + '"')
    assert len(read(folder).problems[0].message) < 200
