"""Content: what the example's files say arrives typed, frozen and in the order of the file."""

import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest

from crowdcore.base.folders import shared_folder
from crowdcore.base.money import Currency, Money
from crowdcore.plugin.content_catalog import Family, Icon, Minutes, SafetyCheck, ServiceKind
from crowdcore.plugin.content_exam import Attempts, Draw, QuestionType
from crowdcore.plugin.content_partner import PortalStatus, WavePolicy
from crowdcore.plugin.loader import load
from crowdcore.plugin.settings import Secrets
from tests.plugin.samples import EXAMPLE, chf, copy_example, spoil


def read(folder=EXAMPLE):
    loaded = load([folder], secrets=Secrets(None, {}))
    assert loaded.problems == ()
    return loaded.portals["beispiel"]


@pytest.fixture(scope="module")
def portal():
    return read()


def test_the_partner(portal):
    partner = portal.partner
    assert (partner.id, partner.plugin, partner.status) == ("beispiel", "beispiel", PortalStatus.LIVE)
    assert (partner.name.brand, partner.primary_host) == ("Beispiel", "beispiel.localhost")
    assert (partner.time_zone, partner.platform_percent) == ("Europe/Zurich", Decimal("12.0"))
    assert (partner.mail.sender, partner.support.reply_within) == (
        "friends@beispiel.example",
        timedelta(hours=4),
    )
    assert list(partner.channels) == ["friend", "profi", "partner_support"]
    assert partner.regions.stage("CH-BE") == "live"
    assert partner.regions.stage("CH-VS") is None
    assert partner.escalation["device_fault"].to == "partner_support"
    assert partner.plugins == ("beispiel",)


def test_the_dispatch_policy(portal):
    policy = portal.partner.dispatch
    usual = frozenset({"friend", "internal"})
    assert policy.waves == (
        WavePolicy(timedelta(0), 10, usual),
        WavePolicy(timedelta(seconds=30), 30, usual),
        WavePolicy(timedelta(minutes=10), 35, usual | {"profi"}),
    )
    assert (policy.preferred_wait, policy.notice_at) == (timedelta(minutes=1), timedelta(hours=1))
    assert (policy.fallback_at, policy.fallback) == (timedelta(hours=3), "partner_support")
    assert (policy.max_rebroadcasts, policy.max_releases) == (3, 2)


def test_the_catalogue(portal):
    setup, lesson = portal.catalog.services.values()
    assert (setup.family, setup.kind, setup.minutes) == (Family.TV, ServiceKind.INSTALL, Minutes(45, 90))
    assert setup.prices[Currency.CHF].guide == chf(59)
    assert setup.on_demand.extra == {Currency.CHF: chf(20)}
    assert [step.en for step in setup.steps] == ["Connect box and television", "Find and sort the channels"]
    assert lesson.prices[Currency.CHF].high == chf(49), "the short form of a price"
    (check,) = lesson.checks
    assert isinstance(check, SafetyCheck)
    assert lesson.safety == {"open_enclosure"}
    assert portal.catalog.products["tv-box"].name.fr == "Beispiel TV-Box"


def test_the_exam(portal):
    exam = portal.exams["first-steps"]
    assert (exam.draws, exam.attempts) == ((Draw("tv", 4),), Attempts(3, timedelta(days=1)))
    assert exam.topics["tv"].learn.en == "Read page 4 of the box’s manual."
    assert exam.questions["torn-socket"].correct == {"b"}
    assert exam.questions["torn-socket"].critical
    assert exam.questions["no-picture"].correct == {"a", "b"}
    assert exam.questions["first-start"].order == ("c", "a", "d", "b")
    number = exam.questions["recording-hours"]
    assert (number.type, number.number, number.choices) == (QuestionType.NUMBER, Decimal(100), ())
    assert 0 < exam.guess_probability < 0.001


@pytest.mark.parametrize(
    "mapping",
    [
        lambda portal: portal.exams,
        lambda portal: portal.catalog.services,
        lambda portal: portal.partner.channels,
        lambda portal: portal.partner.config,
        lambda portal: portal.catalog.services["tv-setup"].prices,
        lambda portal: portal.exams["first-steps"].questions,
    ],
)
def test_no_mapping_can_be_changed(portal, mapping):
    with pytest.raises(TypeError):
        mapping(portal)["x"] = 1


def test_no_object_can_be_changed(portal):
    for item in (portal, portal.partner, portal.catalog.services["tv-setup"], portal.exams["first-steps"]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            item.id = "x"


def test_the_hash_follows_the_content_and_not_the_writing(tmp_path):
    folder = copy_example(tmp_path)
    before = read(folder)
    spoil(folder / "catalog.toml", "schema = 1\n", "# a comment\n\nschema    =  1\r\n")
    assert read(folder).catalog.content_hash == before.catalog.content_hash
    spoil(folder / "catalog.toml", '"59.00"', '"60.00"')
    after = read(folder)
    assert after.catalog.content_hash != before.catalog.content_hash
    assert after.exams["first-steps"].content_hash == before.exams["first-steps"].content_hash
    assert len(after.catalog.content_hash) == 64


def test_a_second_currency_needs_a_price_everywhere(tmp_path):
    folder = copy_example(tmp_path)
    spoil(folder / "partner.toml", 'currency = "CHF"', 'currency = "CHF"\ncurrencies = { DE = "EUR" }')
    spoil(folder / "partner.toml", '"CH-ZH"]', '"CH-ZH", "DE-BW", "LI"]')
    loaded = load([folder], secrets=Secrets(None, {}))
    assert [problem.code for problem in loaded.problems] == ["money.currency"] * 3
    euro = 'EUR = { guide = "55.00", low = "45.00", high = "75.01" }'
    spoil(folder / "catalog.toml", "price = { CHF", f"price = {{ {euro}, CHF")
    spoil(folder / "catalog.toml", 'extra = { CHF = "20.00" }', 'extra = { CHF = "20.00", EUR = "18.00" }')
    spoil(
        folder / "catalog.toml",
        'price = { guide = "39.00", low = "29.00", high = "49.00" }',
        f'price = {{ {euro}, CHF = {{ guide = "39.00", low = "29.00", high = "49.00" }} }}',
    )
    portal = read(folder)
    assert portal.partner.money.for_country("DE") is Currency.EUR
    assert portal.partner.money.for_country("LI") is Currency.CHF
    assert portal.catalog.services["tv-setup"].prices[Currency.EUR].high == Money(7_501, Currency.EUR)


def test_german_outside_switzerland_keeps_its_letter(tmp_path):
    folder = copy_example(tmp_path)
    spoil(folder / "partner.toml", 'de = "de-CH"', 'de = "de-DE"')
    spoil(folder / "catalog.toml", "Box und Fernseher", "Maß und Straße")
    assert read(folder).catalog.services["tv-setup"].steps[0].de == "Maß und Straße verbinden"


def test_a_retired_service_stays_for_old_jobs(tmp_path):
    folder = copy_example(tmp_path)
    spoil(folder / "catalog.toml", 'id = "tv-lesson"', 'id = "tv-lesson"\nretired = true')
    catalog = read(folder).catalog
    assert "tv-lesson" in catalog.services
    assert [service.id for service in catalog.bookable()] == ["tv-setup"]


def test_every_icon_a_shelf_may_name_is_drawn():
    """Without this, a catalogue could pass its checks and break the page it is shown on."""
    drawn = (shared_folder("themes") / "base" / "templates" / "icons.html").read_text(encoding="utf-8")
    assert [icon for icon in Icon if f'"{icon}": ' not in drawn] == []


def test_hard_cases_of_a_service_may_go_elsewhere(tmp_path):
    folder = copy_example(tmp_path)
    row = 'escalate = { when = ["device_fault"], to = "profi", share = ["photos"] }'
    spoil(folder / "catalog.toml", 'kind = "install"', f'kind = "install"\n{row}')
    (rule,) = read(folder).catalog.services["tv-setup"].escalate
    assert (rule.when, rule.to, rule.share) == ({"device_fault"}, "profi", {"photos"})
