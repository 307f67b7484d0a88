"""Settings: read from the environment or refused by name; the installation's key is made once."""

import contextlib
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from crowdcore import settings as module
from crowdcore.base.errors import Fault
from crowdcore.settings import PREFIX, Settings, read, secret_key, unknown_names, use_settings


@pytest.fixture
def chosen():
    """Let a test choose settings, and forget them afterwards."""
    yield use_settings
    use_settings(None)


def test_without_an_environment_everything_has_its_default():
    assert read({}) == Settings()


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("VAR_DIR", "/srv/crowd", Path("/srv/crowd")),
        ("DATABASE_URL", "postgres://x", "postgres://x"),
        ("PUBLIC_PORT", "8000", 8000),
        ("PUBLIC_PORT", "-1", -1),
        ("DEMO", "1", True),
        ("DEMO", "no", False),
        ("EMBEDDED_WORKER", "False", False),
        ("EMBEDDED_WORKER", "YES", True),
    ],
)
def test_a_value_has_its_fields_type(name, raw, value):
    assert getattr(read({PREFIX + name: raw}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        *(("PUBLIC_PORT", raw, "whole number") for raw in ("", "8o", "1.5", "-", "--5", "5-", "²", "٥", " ", "1_000")),
        *(("DEMO", raw, "switch") for raw in ("", "2", "on", "wahr")),
    ],
)
def test_a_wrong_value_is_named_with_its_setting(name, raw, sentence):
    with pytest.raises(Fault, match=sentence) as fault:
        read({PREFIX + name: raw})
    assert PREFIX + name in str(fault.value)
    assert repr(raw) in str(fault.value)


@given(st.dictionaries(st.sampled_from([PREFIX + f.name.upper() for f in fields(Settings)]), st.text(max_size=12)))
def test_any_environment_gives_settings_or_a_fault(environment):
    with contextlib.suppress(Fault):
        assert isinstance(read(environment), Settings)


def test_unknown_names_are_left_alone_and_listed():
    environment = {
        "CROWDCORE_VARDIR": "x",
        "CROWDCORE_SWISSCOM_TICKET_SECRET": "y",
        "PATH": "z",
        "CROWDCORE_DEMO": "1",
    }
    assert read(environment) == Settings(demo=True)
    assert unknown_names(environment) == ["CROWDCORE_SWISSCOM_TICKET_SECRET", "CROWDCORE_VARDIR"]


def test_paths_follow_from_the_folder():
    here = Settings(var_dir=Path("/srv"), plugin_path="a::b/c:")
    assert here.sqlite_path == Path("/srv/crowdcore.sqlite3")
    assert here.gazetteer_path == Path("/srv/places.sqlite3")
    assert here.plugin_folders == (Path("a"), Path("b/c"))


def test_the_environment_is_read_once(monkeypatch, chosen):
    chosen(None)
    monkeypatch.setenv("CROWDCORE_PUBLIC_PORT", "1234")
    assert module.settings().public_port == 1234
    monkeypatch.setenv("CROWDCORE_PUBLIC_PORT", "4321")
    assert module.settings().public_port == 1234
    chosen(Settings(public_port=7))
    assert module.settings().public_port == 7


def test_a_chosen_secret_is_the_key(chosen, tmp_path):
    chosen(Settings(var_dir=tmp_path, secret="s3cret"))
    assert secret_key() == b"s3cret"
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_and_only_its_owner_reads_it(chosen, tmp_path):
    chosen(Settings(var_dir=tmp_path / "new/var"))
    key = secret_key()
    assert len(key) == 32
    assert secret_key() == key
    file = tmp_path / "new/var/secret.key"
    assert file.read_bytes() == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_two_installations_have_two_keys(chosen, tmp_path):
    keys = set()
    for name in ("a", "b"):
        chosen(Settings(var_dir=tmp_path / name))
        keys.add(secret_key())
    assert len(keys) == 2


def test_many_at_once_agree_on_one_key(chosen, tmp_path):
    """Nobody may read the file between its making and its writing: an empty key signs nothing."""
    with ThreadPoolExecutor(16) as pool:
        for attempt in range(30):
            chosen(Settings(var_dir=tmp_path / str(attempt)))
            keys = set(pool.map(lambda _: secret_key(), range(16)))
            assert len(keys) == 1
            assert len(keys.pop()) == 32


def test_a_key_that_a_crash_left_empty_is_never_used(chosen, tmp_path):
    chosen(Settings(var_dir=tmp_path))
    (tmp_path / "secret.key").touch()
    with pytest.raises(Fault, match=r"secret\.key"):
        secret_key()


def test_a_key_is_never_seen_half_written(chosen, tmp_path, monkeypatch):
    """Whoever comes while the key is being written waits for nothing and gets the same key."""
    chosen(Settings(var_dir=tmp_path))
    seen = []
    token_bytes = module.secrets.token_bytes

    def slow(count: int) -> bytes:
        if not seen:
            seen.append(b"")
            seen[0] = secret_key()
        return token_bytes(count)

    monkeypatch.setattr(module.secrets, "token_bytes", slow)
    assert secret_key() == seen[0]
    assert len(seen[0]) == 32
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
