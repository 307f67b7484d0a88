"""The laws of the ranking: in bounds whatever comes in, fair to newcomers, blind to the order of the list."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.errors import Fault
from crowdcore.plugin import FriendView
from crowdcore.plugin.results import checked_scores

#: Nothing here is promised by the core; a plugin that sorts people must not fall over odd figures.
odd_counts = st.integers(-5, 300) | st.integers(-(10**400), 10**400)
odd_means = st.none() | st.floats(allow_nan=True, allow_infinity=True)

friends = st.builds(
    FriendView,
    id=st.uuids(),
    kind=st.sampled_from(["friend", "profi", "internal"]),
    languages=st.frozensets(st.sampled_from(["de", "fr", "en", "it"])),
    licences=st.just(frozenset()),
    skills=st.frozensets(st.sampled_from(["picture-sound", "vista-3", "kitchen", "other"])),
    rating_mean=odd_means,
    rating_count=odd_counts,
    jobs_done=odd_counts,
    distance_m=st.integers(0, 60_000),
    region=st.just("CH-BE"),
)
families = st.sampled_from(["tv", "audio", "kitchen", "smarthome"])


def _ids(people):
    return {friend.id for friend in people}


@given(st.lists(friends, max_size=8, unique_by=lambda friend: friend.id), families)
def test_scores_are_finite_within_one_and_for_everybody_asked(hooks, job, people, family):
    asked = replace(job, service=replace(job.service, family=family))
    scores = hooks.rank_candidates(job=asked, friends=people)
    assert checked_scores(scores, _ids(people)) == scores
    assert set(scores) == _ids(people)


@given(st.lists(friends, min_size=2, max_size=8, unique_by=lambda friend: friend.id), st.randoms())
def test_the_order_of_the_list_changes_nothing(hooks, job, people, random):
    shuffled = random.sample(people, len(people))
    assert hooks.rank_candidates(job=job, friends=people) == hooks.rank_candidates(job=job, friends=shuffled)


def _score(hooks, job, friend, **facts):
    return hooks.rank_candidates(job=job, friends=[replace(friend, **facts)])[friend.id]


@given(st.tuples(st.floats(1, 5), st.floats(1, 5)))
def test_better_rated_is_never_asked_later(hooks, job, newcomer, stars):
    worse, better = (
        _score(hooks, job, newcomer, rating_mean=mean, rating_count=9, jobs_done=9) for mean in sorted(stars)
    )
    assert worse <= better


@given(st.integers(1, 500))
def test_many_voices_weigh_more_than_few(hooks, job, newcomer, count):
    def rated(mean):
        return [
            _score(hooks, job, newcomer, rating_mean=mean, rating_count=voices, jobs_done=600)
            for voices in (count, count + 1)
        ]

    praised, blamed = rated(5.0), rated(2.0)
    assert praised[0] <= praised[1]
    assert blamed[0] >= blamed[1]


@given(friends)
def test_the_customers_language_always_helps(hooks, job, friend):
    with_it = _score(hooks, job, friend, languages=frozenset({"fr", "de"}))
    without = _score(hooks, job, friend, languages=frozenset({"de"}))
    assert with_it > without


@given(friends)
def test_the_delta_exam_never_hurts(hooks, job, friend):
    with_it = _score(hooks, job, friend, skills=frozenset({"picture-sound", "vista-3"}))
    assert with_it >= _score(hooks, job, friend, skills=frozenset({"picture-sound"}))


def test_a_newcomer_gets_a_start_but_not_the_first_place(hooks, job, newcomer):
    seasoned = replace(newcomer, id=UUID(int=8), jobs_done=60, rating_mean=4.8, rating_count=40)
    mediocre = replace(newcomer, id=UUID(int=9), jobs_done=4, rating_mean=4.0, rating_count=4)
    foreign = replace(seasoned, id=UUID(int=10), languages=frozenset({"de"}))
    scores = hooks.rank_candidates(job=job, friends=[newcomer, seasoned, mediocre, foreign])
    ordered = sorted(scores, key=scores.__getitem__, reverse=True)
    assert ordered == [seasoned.id, newcomer.id, mediocre.id, foreign.id]


def test_the_small_plus_shrinks_with_every_job_and_ends(hooks):
    plus = [hooks.RANKING.newcomer * max(0, 1 - jobs / hooks.RANKING.newcomer_jobs) for jobs in range(5)]
    assert plus == sorted(plus, reverse=True)
    assert 0 < plus[0] <= 0.1
    assert plus[3] == plus[4] == 0


def test_nobody_to_rank(hooks, job):
    assert hooks.rank_candidates(job=job, friends=[]) == {}


@pytest.fixture
def policy(folder):
    """The shipped policy, parsed, to be spoilt by a test."""
    return tomllib.loads((folder / "pricing.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("weight", "rating", -0.1), "0 or more"),
        (("weight", "language", 0.9), "at most 1 together"),
        (("weight", "language", float("nan")), "0 or more"),
        (("rating", "span", 0), "more than 0"),
        (("newcomer", "jobs", 0), "more than 0"),
    ],
)
def test_weights_that_break_a_law_are_refused(hooks, policy, row, says):
    hooks.read_ranking(copy.deepcopy(policy))
    table, key, value = row
    policy["rank"][table][key] = value
    with pytest.raises(Fault, match=says):
        hooks.read_ranking(policy)


def test_the_policy_knows_every_family_of_the_catalogue_and_every_skill(hooks, folder):
    catalog = tomllib.loads((folder / "catalog.toml").read_text(encoding="utf-8"))
    exams = [tomllib.loads(path.read_text(encoding="utf-8")) for path in (folder / "exams").glob("*.toml")]
    assert {service["family"] for service in catalog["service"]} == set(hooks.RANKING.skills)
    assert {exam["skill"] for exam in exams} == frozenset().union(*hooks.RANKING.skills.values())
