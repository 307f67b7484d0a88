"""Cursors: only those this portal wrote for this list are read (A35)."""

import pytest
from hypothesis import given, strategies as st

from crowdcore.db.scope import partner_scope
from crowdcore.settings import Settings, use_settings
from crowdcore.web.paging import PageCursor, read_cursor, write_cursor


@pytest.fixture(autouse=True)
def key():
    use_settings(Settings(secret="test"))
    yield
    use_settings(None)


@given(st.lists(st.text()))
def test_a_cursor_says_what_was_written(values):
    with partner_scope("acme"):
        assert read_cursor("jobs", write_cursor("jobs", *values)) == tuple(values)


def test_a_cursor_belongs_to_its_list_and_partner():
    with partner_scope("acme"):
        cursor = write_cursor("jobs", "7")
        with pytest.raises(PageCursor):
            read_cursor("cases", cursor)
    with partner_scope("other"), pytest.raises(PageCursor):
        read_cursor("jobs", cursor)


@given(st.text(max_size=80))
def test_forged_cursors_are_refused(cursor):
    with partner_scope("acme"), pytest.raises(PageCursor):
        read_cursor("jobs", cursor)


def test_a_changed_letter_is_noticed():
    with partner_scope("acme"):
        cursor = write_cursor("jobs", "2026-10-25", "7")
        for index in range(len(cursor) - 1):
            other = "A" if cursor[index] != "A" else "B"
            with pytest.raises(PageCursor):
                read_cursor("jobs", cursor[:index] + other + cursor[index + 1 :])
