"""Who is asked when and why not, where an offer stands, and ids that cannot be guessed into another's."""

import base64
import contextlib
import math
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.geo import EARTH_RADIUS_M, Point, distance_m
from crowdcore.crowd.rules import ALWAYS, Kind, Qualification, QualificationState, Standing
from crowdcore.dispatch.rules import (
    Exclusion,
    JobsOverlap,
    NotEligible,
    OfferState,
    OfferUnknown,
    QualificationExpired,
    ReactionKind,
    StepKind,
    Wave,
    band_km,
    exclusion,
    offer_id,
    offer_state,
    plan,
    read_offer_id,
    refusal_for,
    window_for,
)
from crowdcore.jobs.rules import State
from crowdcore.plugin.content_partner import DispatchPolicy, WavePolicy
from tests.rooms.facts import CELL, CUSTOMER, FRIEND, NOW, OTHER, SERVICE, ZURICH, friend, hours, job

FRIENDS, ALL = frozenset({"friend", "internal"}), frozenset({"friend", "profi", "internal"})


def policy(*waves: WavePolicy, notice_minutes: int = 60) -> DispatchPolicy:
    return DispatchPolicy(
        radius_km=30,
        waves=waves,
        preferred_wait=timedelta(seconds=60),
        notice_at=timedelta(minutes=notice_minutes),
        fallback_at=timedelta(minutes=180),
        fallback="partner_support",
        max_rebroadcasts=3,
        max_releases=2,
    )


def wave(at_s: int, radius_km: int, kinds: frozenset[str] = FRIENDS) -> WavePolicy:
    return WavePolicy(timedelta(seconds=at_s), radius_km, kinds)


SHIPPED = policy(wave(0, 10), wave(30, 30), wave(600, 35, ALL))


def seen(steps):
    return [(s.kind, s.after.total_seconds(), s.radius_m, s.again) for s in steps]


def test_the_plan_of_a_shipped_partner():
    assert seen(plan(SHIPPED, preferred=False)) == [
        (StepKind.WAVE, 0, 10_000, False),
        (StepKind.WAVE, 30, 30_000, False),
        (StepKind.WAVE, 600, 35_000, True),
        (StepKind.NOTICE, 3600, 0, False),
    ]


def test_a_preferred_friend_has_a_minute_alone():
    assert seen(plan(SHIPPED, preferred=True)) == [
        (StepKind.PREFERRED, 0, 0, False),
        (StepKind.WAVE, 60, 10_000, False),
        (StepKind.WAVE, 90, 30_000, False),
        (StepKind.WAVE, 660, 35_000, True),
        (StepKind.NOTICE, 3660, 0, False),
    ]


@pytest.mark.parametrize(
    ("waves", "again"),
    [
        ((wave(0, 10), wave(30, 30)), [False, False]),
        ((wave(0, 10), wave(30, 10)), [False, True]),  # no further: asks the silent ones again
        ((wave(0, 10), wave(30, 30, ALL)), [False, True]),  # more kinds: a second call for the others
        ((wave(0, 10, ALL), wave(30, 30)), [False, False]),
        ((wave(0, 10), wave(30, 30), wave(60, 20)), [False, False, True]),
    ],
)
def test_which_waves_ask_again(waves, again):
    assert [s.again for s in plan(policy(*waves), preferred=False) if s.kind is StepKind.WAVE] == again


waves = st.lists(
    st.builds(wave, st.integers(0, 10_000), st.integers(1, 60), st.sampled_from([FRIENDS, ALL])),
    min_size=1,
    max_size=6,
).map(lambda found: tuple(sorted(found, key=lambda one: one.at)))


@given(waves, st.integers(0, 300), st.booleans())
def test_times_of_a_plan_never_fall_and_every_wave_is_in_it(found, notice, preferred):
    steps = plan(policy(*found, notice_minutes=notice), preferred=preferred)
    assert [s.after for s in steps] == sorted(s.after for s in steps)
    kinds = Counter(s.kind for s in steps)
    assert kinds == Counter(
        {StepKind.WAVE: len(found), StepKind.NOTICE: 1, **({StepKind.PREFERRED: 1} if preferred else {})}
    )
    assert [(s.radius_m, s.kinds) for s in steps if s.kind is StepKind.WAVE] == [
        (one.radius_km * 1000, one.kinds) for one in found
    ]


@given(waves)
def test_a_preferred_friend_only_shifts_the_plan(found):
    alone, *shifted = plan(policy(*found), preferred=True)
    assert alone.kind is StepKind.PREFERRED
    wait = timedelta(seconds=60)
    assert [replace(s, after=s.after - wait) for s in shifted] == list(plan(policy(*found), preferred=False))


# ---- who may be asked ------------------------------------------------------------------------------


def why_not(member, at=None, *, radius_m=30_000, kinds=FRIENDS, busy=(), gave_back=frozenset()):
    return exclusion(
        member,
        at or job(),
        radius_m=radius_m,
        kinds=kinds,
        now=NOW,
        zone=ZURICH,
        busy=busy,
        gave_back=gave_back,
    )


def north(metres: float) -> Point:
    """Return the point so many metres north of the job's cell."""
    return Point(CELL.lat + math.degrees(metres / EARTH_RADIUS_M), CELL.lon)


EXPIRED = (Qualification("tv", QualificationState.EXPIRED, NOW + timedelta(days=1)),)
LICENSED = job(service=replace(SERVICE, licence="installer"))
TWO_WISHES = job(wishes=(hours(24, 26), hours(48, 50)))


def test_a_friend_next_door_is_asked():
    assert why_not(friend()) is None


@pytest.mark.parametrize(
    ("member", "more", "reason"),
    [
        (friend(standing=Standing.PAUSED), {}, Exclusion.NOT_ACTIVE),
        (friend(standing=Standing.SUSPENDED), {}, Exclusion.NOT_ACTIVE),
        (friend(account_id=CUSTOMER), {}, Exclusion.OWN_JOB),
        (friend(kind=Kind.PROFI), {}, Exclusion.WRONG_KIND),
        (friend(kind=Kind.PROFI), {"kinds": ALL}, None),
        (friend(kind=Kind.PROFI), {"kinds": None}, None),
        (friend(home=north(29_990)), {}, None),
        (friend(home=north(30_010)), {}, Exclusion.TOO_FAR),
        (friend(home=north(12_000)), {"radius_m": 10_000}, Exclusion.TOO_FAR),
        (friend(home=north(12_000), radius_m=10_000), {}, Exclusion.TOO_FAR),
        (friend(home=north(200_000)), {"radius_m": None}, None),  # at accept, distance is not asked again
        (friend(), {"gave_back": {FRIEND}}, Exclusion.GAVE_BACK),
        (friend(), {"gave_back": {OTHER}}, None),
        (friend(qualifications=()), {}, Exclusion.NOT_QUALIFIED),
        (friend(qualifications=EXPIRED), {}, Exclusion.NOT_QUALIFIED),
        (friend(qualifications=()), {"at": job(service=replace(SERVICE, skill=None))}, None),
        (friend(), {"at": LICENSED}, Exclusion.NO_LICENCE),
        (friend(licences=frozenset({"installer"})), {"at": LICENSED}, None),
        (friend(languages=frozenset({"fr"})), {}, Exclusion.LANGUAGE),
        (friend(hours=0), {}, Exclusion.NOT_AVAILABLE),
        (friend(hours=ALWAYS & ~(1 << 24 + 11)), {}, Exclusion.NOT_AVAILABLE),  # Tuesday 11:00, in the window
        (friend(hours=ALWAYS & ~(1 << 24 + 12)), {}, None),  # Tuesday 12:00, when it is over
        (friend(), {"busy": (hours(20, 24), hours(26, 30))}, None),
        (friend(), {"busy": (hours(1, 2), hours(25, 27))}, Exclusion.OVERLAP),
        (friend(), {"busy": (hours(25, 27),), "at": TWO_WISHES}, None),
        (friend(), {"busy": (hours(25, 27), hours(49, 50)), "at": TWO_WISHES}, Exclusion.OVERLAP),
        (friend(), {"busy": (hours(25, 27),), "at": replace(TWO_WISHES, window=hours(24, 25.5))}, Exclusion.OVERLAP),
    ],
)
def test_why_somebody_is_not_asked(member, more, reason):
    assert why_not(member, **more) is reason


def test_the_first_wish_that_is_free_and_lies_ahead_becomes_the_appointment():
    member, zone = friend(), ZURICH
    assert window_for(member, TWO_WISHES, NOW, zone, busy=()) == hours(24, 26)
    assert window_for(member, TWO_WISHES, NOW, zone, busy=(hours(25, 27),)) == hours(48, 50)
    assert window_for(member, TWO_WISHES, NOW + timedelta(hours=27), zone, busy=()) == hours(48, 50)
    assert window_for(member, TWO_WISHES, NOW + timedelta(hours=51), zone, busy=()) == hours(24, 26)
    assert window_for(member, replace(TWO_WISHES, window=hours(30, 31)), NOW, zone, busy=()) == hours(30, 31)


def test_the_reason_told_is_the_first_of_a_fixed_order():
    """Every reason at once, taken away one by one from the front."""
    member = friend(
        standing=Standing.PAUSED,
        account_id=CUSTOMER,
        kind=Kind.PROFI,
        home=north(90_000),
        qualifications=(),
        languages=frozenset({"fr"}),
        hours=0,
    )
    more = {"at": LICENSED, "gave_back": {FRIEND}, "busy": (hours(24, 26),)}
    cures = [
        (Exclusion.NOT_ACTIVE, {"standing": Standing.ACTIVE}),
        (Exclusion.OWN_JOB, {"account_id": OTHER}),
        (Exclusion.WRONG_KIND, {"kind": Kind.FRIEND}),
        (Exclusion.TOO_FAR, {"home": CELL}),
        (Exclusion.GAVE_BACK, {"id": OTHER}),
        (Exclusion.NOT_QUALIFIED, {"qualifications": friend().qualifications}),
        (Exclusion.NO_LICENCE, {"licences": frozenset({"installer"})}),
        (Exclusion.LANGUAGE, {"languages": frozenset({"de"})}),
        (Exclusion.NOT_AVAILABLE, {"hours": ALWAYS}),
    ]
    for reason, cure in cures:
        assert why_not(member, **more) is reason
        member = replace(member, **cure)
    assert why_not(member, **more) is Exclusion.OVERLAP


@given(st.floats(0, 60_000), st.integers(1_000, 50_000), st.integers(1_000, 50_000))
def test_nobody_is_asked_beyond_the_waves_circle_or_their_own(metres, circle, own):
    member = friend(home=north(metres), radius_m=own)
    limit = min(circle, own)
    if abs(distance_m(member.home, CELL) - limit) > 0.001:
        assert (why_not(member, radius_m=circle) is Exclusion.TOO_FAR) == (metres > limit)


@pytest.mark.parametrize("reason", Exclusion)
def test_who_tries_all_the_same_is_told_why(reason):
    told = refusal_for(reason)
    kinds = {Exclusion.NOT_QUALIFIED: QualificationExpired, Exclusion.OVERLAP: JobsOverlap}
    assert type(told) is kinds.get(reason, NotEligible)
    if isinstance(told, NotEligible):
        assert told.params == {"reason": reason.word}


# ---- offers ----------------------------------------------------------------------------------------

WAVE = Wave(
    id=UUID(int=7),
    job_id=job().id,
    round_no=1,
    step=0,
    radius_m=10_000,
    sent_at=NOW,
    friend_ids=(FRIEND, OTHER),
    distances_m=(0, 4_000),
    excluded={},
)
S, D = ReactionKind.SEEN, ReactionKind.DECLINED
OVER = {State.CANCELLED, State.EXPIRED, State.SETTLED, State.ESCALATED}


@pytest.mark.parametrize("state", State)
def test_where_an_offer_stands(state):
    for reactions, round_no, won in product((set(), {S}, {D}, {S, D}), (1, 2), (True, False)):
        stands(state, reactions, round_no, won)


def stands(state, reactions, round_no, won):
    """Fail unless an offer is where a job in this state and what was done about it put it."""
    if won:
        expected = OfferState.ACCEPTED
    elif D in reactions:
        expected = OfferState.DECLINED
    elif state in OVER or (state is State.OPEN and round_no == 2):
        expected = OfferState.WITHDRAWN
    elif state is not State.OPEN:
        expected = OfferState.SUPERSEDED
    else:
        expected = OfferState.SEEN if S in reactions else OfferState.PENDING
    at = job(state=state, round_no=round_no)
    assert offer_state(at, WAVE, reactions=reactions, won_by_wave=won) is expected


def test_a_wave_knows_how_far_each_was():
    assert WAVE.distance_of(OTHER) == 4_000
    with pytest.raises(ValueError, match="not in tuple"):
        WAVE.distance_of(CUSTOMER)


@pytest.mark.parametrize(
    ("metres", "band"),
    [
        *(
            (0, (0, 2)),
            (1_999, (0, 2)),
            (2_000, (2, 5)),
            (4_999, (2, 5)),
            (5_000, (5, 10)),
            (10_000, (10, 20)),
        ),
        *(
            (29_999, (20, 30)),
            (30_000, (30, 50)),
            (49_999, (30, 50)),
            (50_000, (50, 100)),
            (250_000, (50, 100)),
        ),
    ],
)
def test_distances_are_shown_as_bands(metres, band):
    assert band_km(metres) == band


@given(st.uuids(), st.uuids())
def test_an_offers_id_goes_out_and_comes_back(wave_id, friend_id):
    text = offer_id(wave_id, friend_id)
    assert read_offer_id(text) == (wave_id, friend_id)
    assert len(text) == 43
    assert text.replace("-", "").replace("_", "").isalnum()


@given(st.uuids(), st.uuids(), st.integers(0, 42), st.characters())
def test_no_other_spelling_of_an_id_is_read_as_the_same_offer(wave_id, friend_id, at, char):
    text = offer_id(wave_id, friend_id)
    other = text[:at] + char + text[at + 1 :]
    if other == text:
        return
    with contextlib.suppress(OfferUnknown):
        assert read_offer_id(other) != (wave_id, friend_id)


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_garbage_is_no_offer(text):
    with contextlib.suppress(OfferUnknown):
        assert offer_id(*read_offer_id(text)) == text


@pytest.mark.parametrize("text", ["", "=", "x", "é" * 43, "A" * 42, "A" * 44, "A" * 42 + "B", "+" * 43, "A" * 43 + "="])
def test_what_is_no_offer_id(text):
    with pytest.raises(OfferUnknown):
        read_offer_id(text)
