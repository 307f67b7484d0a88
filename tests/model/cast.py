"""Who takes part in the model test: two partners with customers, members and agents, each marked by a canary."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.geo import Point, distance_m, snap
from crowdcore.crowd import service as crowd
from crowdcore.crowd.rules import Kind
from crowdcore.db.scope import partner_scope
from crowdcore.places.gazetteer import gazetteer

PLACE = "CH-8001-zurich"

#: Service that is booked and reason for a hand-over, by partner.
PARTNERS = {"swisscom": ("tv-box-setup", "tv", "too_complex"), "energy": ("meter-app", "energy-basics", "danger")}

#: Name, kind, degrees north of the place, own radius in metres, qualified from the start.
MEMBERS = (
    ("Anna", Kind.FRIEND, 0.02, 30_000, True),
    ("Beat", Kind.FRIEND, 0.04, 30_000, True),
    ("Cora", Kind.FRIEND, 0.18, 30_000, True),
    ("Dino", Kind.PROFI, 0.05, 30_000, True),
    ("Elif", Kind.INTERNAL, 0.295, 50_000, True),
    ("Finn", Kind.FRIEND, 0.03, 30_000, False),
)

LONG_VALID = timedelta(days=300)


@dataclass(frozen=True)
class Member:
    """A member as the plain model sees them."""

    id: UUID
    account_id: UUID
    name: str
    kind: Kind
    distance_m: float
    radius_m: int
    qualified: bool


@dataclass(frozen=True)
class Cast:
    """The people of one partner; Beat is a customer too."""

    partner: str
    service: str
    skill: str
    reason: str
    customers: tuple[UUID, ...]
    members: tuple[Member, ...]
    agents: tuple[UUID, ...]

    @property
    def canary(self) -> str:
        return canary(self.partner)

    def member(self, member_id: UUID) -> Member:
        return next(m for m in self.members if m.id == member_id)


def canary(partner: str) -> str:
    """A word that stands in every row of this partner and may stand nowhere else."""
    return f"canary-of-{partner}"


async def engage(partner: str) -> Cast:
    """Open the accounts and memberships of one partner."""
    service, skill, reason = PARTNERS[partner]
    with partner_scope(partner):
        customer = await _account(partner, "Karl", Role.CUSTOMER)
        members = [await _member(partner, skill, *row) for row in MEMBERS]
        agents = [await _account(partner, name, Role.AGENT) for name in ("Gina", "Hugo")]
        both = members[1].account_id
        await _account(partner, "Beat", Role.CUSTOMER)
        return Cast(partner, service, skill, reason, (customer, both), tuple(members), tuple(agents))


async def _account(partner: str, name: str, role: Role) -> UUID:
    account = await accounts.open_account(
        email=f"{name}@{canary(partner)}.ch", name=f"{name} {canary(partner)}", language="de", roles=frozenset({role})
    )
    return account.id


async def _member(
    partner: str, skill: str, name: str, kind: Kind, north: float, radius_m: int, qualified: bool
) -> Member:
    cell = snap(gazetteer().place(PLACE).point)
    account = await accounts.open_account(
        email=f"{name}@{canary(partner)}.ch", name=f"{name} {canary(partner)}", language="de",
        roles=frozenset({Role.FRIEND}),
    )  # fmt: skip
    friend = await crowd.join(
        account=account, kind=kind, home=Point(cell.lat + north, cell.lon), region="CH-ZH",
        place_label=canary(partner), radius_m=radius_m, most_radius_m=50_000, languages=frozenset({"de", "fr"}),
    )  # fmt: skip
    if qualified:
        await crowd.grant_qualification(
            friend_id=friend.id, skill=skill, valid_until=clock.now() + LONG_VALID, reason=canary(partner)
        )
    return Member(friend.id, account.id, name, kind, distance_m(friend.home, cell), radius_m, qualified)
