"""Every law is kept by every file, and every law proves that it would notice."""

import pytest

from tests.house import laws_of_files, laws_of_looks, laws_of_rooms, laws_of_words
from tests.house.law import Law, Page, pages

LAWS = (*laws_of_files.LAWS, *laws_of_rooms.LAWS, *laws_of_words.LAWS, *laws_of_looks.LAWS)

every_law = pytest.mark.parametrize("law", LAWS, ids=str)


@every_law
def test_is_kept(law: Law):
    broken = [
        f"{page.path}: {breach}"
        for page in pages()
        if law.binds(page) and page.path not in law.exempt
        for breach in law.breaches(page)
    ]
    assert not broken, f"{law}:\n" + "\n".join(broken)


@every_law
def test_lets_what_is_right_pass(law: Law):
    assert law.good
    for path, text in law.good:
        page = Page(path, text)
        assert law.binds(page), path
        assert list(law.breaches(page)) == []


@every_law
def test_notices_what_is_wrong(law: Law):
    assert law.bad
    for path, text in law.bad:
        page = Page(path, text)
        assert law.binds(page), path
        assert list(law.breaches(page)), text


@every_law
def test_has_no_exemption_too_many(law: Law):
    known = {page.path: page for page in pages()}
    for path, reason in law.exempt.items():
        assert reason
        assert path in known, f"{path} is gone; so should be its exemption"
    stale = [path for path in law.exempt if not list(law.breaches(known[path]))]
    assert not stale or law.exempt is laws_of_files.GENERATED, f"these need no exemption any more: {stale}"


def test_the_house_is_read_at_all():
    paths = {page.path for page in pages()}
    assert {
        "crowdcore/base/clock.py",
        "plugins/swisscom/hooks.py",
        "themes/base/static/base.css",
        "constraints.txt",
    } <= paths
    assert {"jobs", "crowd", "dispatch", "offers"} <= laws_of_rooms.rooms()
