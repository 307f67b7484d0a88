"""The commands `places build` and `places search`: what they print and how they end."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crowdcore.app.cli_places import places

ROWS = Path(__file__).parent / "places.jsonl"


def run(*words):
    return CliRunner().invoke(places, [str(word) for word in words])


def test_build_tells_progress_on_stderr_and_the_result_on_stdout(tmp_path):
    out = tmp_path / "places.sqlite"
    result = run("build", "--out", out, "--source", ROWS)
    assert result.exit_code == 0
    assert out.is_file()
    assert result.stdout.startswith(f"{out}: AT ")
    assert "LI 4" in result.stdout
    assert result.stderr.splitlines()[:3] == ["read", "tidy", "write"]
    assert "Chur (CH)" in result.stderr


def test_the_default_path_is_the_one_of_the_settings(tmp_path, monkeypatch):
    monkeypatch.setattr("crowdcore.app.cli_places._default_path", lambda: tmp_path / "var" / "places.sqlite3")
    assert run("build", "--source", ROWS).exit_code == 0
    assert run("search", "Vaduz").stdout.startswith("9490 Vaduz\tLI\t")


@pytest.mark.parametrize(
    ("text", "code", "first"),
    [
        ("8001 Zürich", 0, "8001 Zürich\tCH-ZH\t47.3721 8.5417\tCH-8001-zurich"),
        ("3098", 1, "3098 Köniz\tCH-BE\t46.916 7.4181\tCH-3098-koniz"),
        ("8099", 3, "8107 Buchs ZH"),
    ],
)
def test_search_prints_places_and_ends_with_how_sure_it_is(small_file, text, code, first):
    result = run("search", text, "--gazetteer", small_file)
    assert result.exit_code == code
    assert result.stdout.startswith(first)
    assert ("choice: ambiguous" in result.stderr) == (code == 1)
    assert ("unknown: postcode" in result.stderr) == (code == 3)


def test_home_decides(small_file):
    assert run("search", "Baden", "--home", "at", "--gazetteer", small_file).stdout.startswith("2500 Baden")


def test_json_is_one_object(small_file):
    result = run("search", "8000 Genève", "--json", "--gazetteer", small_file)
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["answer"], answer["reason"]) == (1, "choice", "mismatch")
    assert [place["label"] for place in answer["places"]] == ["8000 Zürich", "1204 Genève"]
    assert answer["places"][1]["names"]["de"] == "Genf"
    assert set(answer["places"][0]) >= {"id", "country", "region", "postcode", "locality", "lat", "lon"}


def test_without_a_gazetteer_the_remedy_is_named(tmp_path):
    result = run("search", "Zürich", "--gazetteer", tmp_path / "none.sqlite")
    assert result.exit_code == 4
    assert "crowdcore places build" in result.stderr
