"""The command line when something is wrong: one sentence with the remedy and the right exit code, no traceback."""

import os
import subprocess
import sys

import pytest

from crowdcore.app.cli import main
from crowdcore.settings import use_settings

ENVIRONMENT, INVALID, USAGE = 5, 3, 2


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command as an operator does, in this process; return exit code, what was said, what was said wrongly."""

    def command(var_dir, *words, **environment):
        use_settings(None)
        for name, value in {"CROWDCORE_VAR_DIR": str(var_dir), **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["crowdcore", *words])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        out, said = capsys.readouterr()
        assert "Traceback" not in out + said
        return code, out, said

    yield command
    use_settings(None)


@pytest.mark.parametrize("words", ["check", "work", "staff add a@example.ch --partner swisscom"])
def test_without_a_schema_a_command_says_which_one_makes_it(run, tmp_path, words):
    code, _out, said = run(tmp_path, *words.split())
    assert (code, said.count("\n")) == (ENVIRONMENT, 1)
    assert "crowdcore migrate" in said


@pytest.mark.parametrize("words", ["migrate", "check", "serve --port 8297", "demo --port 8297"])
def test_a_folder_that_cannot_be_written_is_named(run, tmp_path, words):
    (tmp_path / "file").touch()
    code, _out, said = run(tmp_path / "file" / "var", *words.split())
    assert code == ENVIRONMENT
    assert str(tmp_path / "file" / "var") in said
    assert "CROWDCORE_VAR_DIR" in said


@pytest.mark.parametrize("words", ["check", "serve --port 8297"])
def test_a_file_that_is_no_database_is_named(run, tmp_path, words):
    (tmp_path / "crowdcore.sqlite3").write_bytes(os.urandom(20_000))
    code, _out, said = run(tmp_path, *words.split())
    assert code == ENVIRONMENT
    assert "crowdcore.sqlite3 is damaged" in said
    assert "backup" in said


def test_doctor_names_a_damaged_file_and_ends(run, tmp_path):
    (tmp_path / "crowdcore.sqlite3").write_bytes(os.urandom(20_000))
    code, out, _said = run(tmp_path, "doctor")
    assert code == INVALID
    assert "crowdcore.sqlite3 is damaged" in out


def test_damage_in_the_middle_of_a_file_is_found(run, tmp_path):
    assert run(tmp_path, "migrate")[0] == 0
    path = tmp_path / "crowdcore.sqlite3"
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + os.urandom(len(whole) - 8192))
    assert run(tmp_path, "check")[0] == ENVIRONMENT
    code, out, _said = run(tmp_path, "doctor")
    assert code == INVALID
    assert f"{path} is damaged" in out


def test_a_server_that_does_not_answer_is_named_without_its_password(run, tmp_path):
    url = "postgres://anna:geheim@127.0.0.1:1/crowd"
    code, _out, said = run(tmp_path, "check", CROWDCORE_DATABASE_URL=url)
    assert code == ENVIRONMENT
    assert "127.0.0.1:1" in said
    assert "geheim" not in said


def test_serve_says_what_is_wrong_with_a_plugin_in_one_line(run, tmp_path, caplog):
    plugin = tmp_path / "plugins" / "broken"
    plugin.mkdir(parents=True)
    (plugin / "plugin.toml").write_text("id = broken\n")
    code, _out, said = run(tmp_path, "serve", "--port", "8297", CROWDCORE_PLUGIN_PATH=str(plugin.parent))
    assert code == ENVIRONMENT
    assert "no portal opens" in said
    assert "plugin.toml:1:6" in caplog.text


def test_a_word_typed_wrongly_gets_the_right_one(run, tmp_path):
    code, _out, said = run(tmp_path, "serv")
    assert code == USAGE
    assert "'serve'" in said
    code, _out, said = run(tmp_path, "serve", "--prot", "80")
    assert code == USAGE
    assert "--port" in said


def test_light_commands_load_neither_storage_nor_the_web():
    heavy = "{'tortoise', 'starlette', 'uvicorn', 'pydantic', 'jinja2', 'asyncpg', 'aiosqlite'}"
    for words in (["--help"], ["demo", "credentials"], ["places", "search", "--help"], ["plugin", "hooks"]):
        code = (
            f"import sys; from crowdcore.app.cli import cli\n"
            f"try: cli({words!r}, standalone_mode=False)\nexcept BaseException: pass\n"
            f"found = {heavy} & sys.modules.keys()\nassert not found, found"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stderr)
