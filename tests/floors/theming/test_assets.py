"""Static files and their lasting addresses."""

import pytest

from crowdcore.base.errors import Fault
from crowdcore.theming.assets import StaticFiles


def test_an_address_holds_the_hash_and_leads_back_to_the_file():
    static = StaticFiles()
    url = static.url("base.css")
    assert url.startswith("/_s/")
    assert url.endswith("/base.css")
    assert static.path_of(url).name == "base.css"


def test_other_content_has_another_address_and_old_ones_end(tmp_path):
    (tmp_path / "hero.svg").write_text("<svg/>", encoding="utf-8")
    before = StaticFiles(tmp_path).url("brand/hero.svg")
    (tmp_path / "hero.svg").write_text("<svg viewBox='0 0 1 1'/>", encoding="utf-8")
    after = StaticFiles(tmp_path)
    assert after.url("brand/hero.svg") != before
    assert after.path_of(before) is None


def test_a_partner_cannot_hide_a_shared_file(tmp_path):
    (tmp_path / "base.css").write_text("*{}", encoding="utf-8")
    (tmp_path / ".hidden").write_text("x", encoding="utf-8")
    static = StaticFiles(tmp_path)
    assert static.url("base.css") == StaticFiles().url("base.css")
    assert "brand/base.css" in static.names()
    assert "brand/.hidden" not in static.names()


def test_a_partner_without_files_is_no_fault(tmp_path):
    assert StaticFiles(tmp_path / "none").names() == StaticFiles().names()


def test_a_wrong_name_has_its_neighbour_named():
    with pytest.raises(Fault, match=r"did you mean 'base\.css'"):
        StaticFiles().url("bass.css")


@pytest.mark.parametrize("url", ["/_s/x/base.css", "/_s/../base.css", "/etc/passwd", ""])
def test_other_addresses_lead_nowhere(url):
    assert StaticFiles().path_of(url) is None
