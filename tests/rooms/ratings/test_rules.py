"""When a rating is possible, which stars there are, and what is told of few of them."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from crowdcore.jobs.rules import State
from crowdcore.ratings.rules import (
    NotRateable,
    StarsRange,
    Summary,
    check_rateable,
    check_stars,
    summary,
)
from tests.rooms.facts import NOW, job

DAY = timedelta(days=1)
DONE = {State.DONE, State.CONFIRMED, State.SETTLED}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(("ago", "in_time"), [(0 * DAY, True), (60 * DAY, True), (60.001 * DAY, False)])
def test_a_job_is_rated_once_it_is_done_for_sixty_days(state, ago, in_time):
    at = job(state=state, done_at=NOW - ago)
    if state in DONE and in_time:
        check_rateable(at, NOW)
        return
    with pytest.raises(NotRateable) as refused:
        check_rateable(at, NOW)
    assert refused.value.params == {"days": 60}


def test_a_job_without_a_day_is_not_rated():
    with pytest.raises(NotRateable):
        check_rateable(job(state=State.DONE, done_at=None), NOW)


@given(st.integers(-10, 20))
def test_there_are_one_to_five_stars(stars):
    if stars in {1, 2, 3, 4, 5}:
        check_stars(stars)
        return
    with pytest.raises(StarsRange):
        check_stars(stars)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, Summary(0, None, None)),
        (4, Summary(4, None, None)),
        (5, Summary(5, 4.0, 0.8)),
    ],
)
def test_figures_are_told_from_the_limit_on(count, shown):
    assert summary(count=count, stars=4 * count, again=count - 1 if count else 0, shown_from=5) == shown


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=50), st.integers(1, 10))
def test_a_mean_lies_among_the_stars_and_a_share_between_none_and_all(given_stars, limit):
    told = summary(
        count=len(given_stars),
        stars=sum(stars for stars, _ in given_stars),
        again=sum(again for _, again in given_stars),
        shown_from=limit,
    )
    assert told.count == len(given_stars)
    if told.mean is None:
        assert len(given_stars) < limit
        return
    assert min(stars for stars, _ in given_stars) <= told.mean <= max(stars for stars, _ in given_stars)
    assert 0 <= told.book_again <= 1
