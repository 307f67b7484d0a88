"""Facts and plugins for the tests of this floor: one portal, one job, three Friends, and plugin writers."""

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from crowdcore.base.geo import Point
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.plugin import (
    BookingView,
    Denied,
    EscalationCase,
    FriendView,
    Guide,
    HandBack,
    InboundMessage,
    JobView,
    PlaceView,
    PortalView,
    QuoteRequest,
    Receipt,
    RenderedMessage,
    ServiceView,
    hookimpl,
)
from crowdcore.plugin.dispatcher import Hooks
from crowdcore.plugin.registry import Registry

EXAMPLE = Path(__file__).parent / "example_plugin"
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def chf(francs: int) -> Money:
    return Money(francs * 100, Currency.CHF)


PORTAL = PortalView("beispiel", "Beispiel", ("de", "fr", "en"), "de", Currency.CHF, {})
PLACE = PlaceView("CH", "CH-BE", "3097", "Liebefeld", Point(46.93, 7.42))
SERVICE = ServiceView("tv-setup", Text.neutral("TV"), "tv", "install", "first-steps", frozenset(), None, 45)
QUOTE = QuoteRequest(SERVICE, PLACE, None, urgent=False, travel_m=2_000)
PRICE = Guide(chf(60), chf(50), chf(80))
BOOKING = BookingView(SERVICE, PLACE, frozenset(), None, urgent=False, language="de", channel="web")
JOB = JobView(UUID(int=1), "B-1001", SERVICE, PLACE, None, urgent=False, language="de", guide=PRICE)
CASE = EscalationCase(
    UUID(int=2), "case-1", JOB, "device_fault", Text.neutral("x"), "The box is dead", {}, "/-/hand-back"
)
INBOUND = InboundMessage({"content-type": "application/json"}, b"{}", AT)
MESSAGE = RenderedMessage("mail-1", "a@b.example", "Hello", "Text", "", "Beispiel", "f@b.example", "h@b.example", {})
DENIED = Denied("beispiel.closed", Text("Heute nicht", "Pas aujourd’hui", "Not today"))
RECEIPT = Receipt("T-1", AT)
HAND_BACK = HandBack(UUID(int=2), "m-1", "solved", "done")


def friend(number: int, *, distance_m: int = 1_000, mean: float | None = None, count: int = 0) -> FriendView:
    return FriendView(
        id=UUID(int=number),
        kind="friend",
        languages=frozenset({"de"}),
        licences=frozenset(),
        skills=frozenset({"first-steps"}),
        rating_mean=mean,
        rating_count=count,
        jobs_done=count,
        distance_m=distance_m,
        region="CH-BE",
    )


FRIENDS = (friend(1), friend(2, distance_m=5_000), friend(3, distance_m=20_000))

#: hook -> how a room asks it
ASK = {
    "region_gate": lambda hooks: hooks.region_gate(place=PLACE, service=SERVICE),
    "check_booking": lambda hooks: hooks.check_booking(booking=BOOKING),
    "guide_price": lambda hooks: hooks.guide_price(quote=QUOTE, price=PRICE),
    "friend_eligibility": lambda hooks: hooks.friend_eligibility(job=JOB, friends=FRIENDS),
    "rank_candidates": lambda hooks: hooks.rank_candidates(job=JOB, friends=FRIENDS),
    "deliver_escalation": lambda hooks: hooks.deliver_escalation(case=CASE),
    "parse_hand_back": lambda hooks: hooks.parse_hand_back(message=INBOUND),
    "send_notification": lambda hooks: hooks.send_notification(channel="sms", message=MESSAGE),
}

#: hook -> an answer within bounds
GOOD = {
    "region_gate": DENIED,
    "check_booking": DENIED,
    "guide_price": Guide(chf(70), chf(50), chf(90)),
    "friend_eligibility": {FRIENDS[0].id: DENIED},
    "rank_candidates": {FRIENDS[0].id: 0.5},
    "deliver_escalation": RECEIPT,
    "parse_hand_back": HAND_BACK,
    "send_notification": RECEIPT,
}


class Plugin:
    """An object whose attributes are hook implementations."""

    def __init__(self, functions: Mapping[str, Callable[..., object]]) -> None:
        self.__dict__.update({name: hookimpl(function) for name, function in functions.items()})


def plugin(**functions: Callable[..., object]) -> Plugin:
    """Return a plugin that implements the hooks named by the keywords."""
    return Plugin(functions)


def hooks_of(registry: Registry | None = None, /, **plugins: object) -> Hooks:
    """Return the hooks of a portal that lists `plugins` in the order given."""
    registry = registry or Registry()
    for plugin_id, found in plugins.items():
        if plugin_id not in registry:
            registry.register(found, plugin_id)
    order = [plugin_id for plugin_id in plugins if plugin_id != "kernel"]
    return Hooks(registry, PORTAL, order, configs={}, is_open=lambda: False)


def codes(problems) -> list[str]:
    return [problem.code for problem in problems]


def copy_example(parent: Path, name: str = "beispiel") -> Path:
    """Copy the example plugin so that a test may spoil it."""
    return Path(shutil.copytree(EXAMPLE, parent / name))


def spoil(path: Path, old: str, new: str) -> str:
    """Replace the first `old` in a file; return its new text."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path}"
    text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return text


def write_plugin(
    parent: Path, plugin_id: str, code: str | None = None, *, hooks: tuple[str, ...] = (), more: str = ""
) -> Path:
    """Write a plugin without a portal: a manifest, and `code` as its hooks.py."""
    folder = parent / plugin_id
    folder.mkdir(parents=True)
    manifest = f"""
schema = 1
id = "{plugin_id}"
version = "1.0.0"
name = "{plugin_id}"
licence = "Apache-2.0"
contact = "a@b.example"
[api]
built_for = 1
oldest = 1
"""
    if code is not None:
        listed = ", ".join(f'"{hook}"' for hook in hooks)
        manifest += f'[code]\nmodule = "hooks"\n[uses]\nhooks = [{listed}]\n'
        (folder / "hooks.py").write_text(code, encoding="utf-8")
    (folder / "plugin.toml").write_text(manifest + more, encoding="utf-8")
    return folder
