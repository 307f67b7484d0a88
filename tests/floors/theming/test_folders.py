"""Shared files are found in a checkout and in an installed wheel."""

import pytest

from crowdcore.base import folders
from crowdcore.base.errors import Fault


@pytest.fixture
def package(tmp_path, monkeypatch):
    place = tmp_path / "site" / "crowdcore"
    place.mkdir(parents=True)
    monkeypatch.setattr(folders, "PACKAGE", place)
    folders.shared_folder.cache_clear()
    yield place
    folders.shared_folder.cache_clear()


def test_a_checkout_has_them_beside_the_package(package):
    (package.parent / "themes").mkdir()
    assert folders.shared_folder("themes") == package.parent / "themes"


def test_a_wheel_has_them_inside_and_that_counts_first(package):
    (package.parent / "themes").mkdir()
    (package / "_themes").mkdir()
    assert folders.shared_folder("themes") == package / "_themes"


def test_an_incomplete_installation_says_where_it_looked(package):
    with pytest.raises(Fault, match=r"'locales' is missing \(looked at .*_locales and .*locales\)"):
        folders.shared_folder("locales")


def test_commands_that_write_sources_want_a_checkout(package):
    with pytest.raises(Fault, match="run it in a checkout"):
        folders.checkout()
