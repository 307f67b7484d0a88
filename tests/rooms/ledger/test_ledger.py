"""The ledger from a confirmed job to the page, the file and the API; on both databases."""

import csv
import io
from uuid import UUID

from crowdcore.app.worker import reaction_table
from crowdcore.crowd.rules import Kind
from crowdcore.ledger import models, service
from tests.browsing import browser


async def done(world, customer, friend, **fields):
    """Take a job to its confirmation and return its id."""
    booked = await world.book(customer, **fields)
    await world.take(friend, booked["number"])
    await friend.must(f"/jobs/{booked['id']}/start")
    await friend.must(f"/jobs/{booked['id']}/report", {"text": "All done"})
    await customer.must(f"/jobs/{booked['id']}/confirm")
    await world.drain()
    return booked["id"]


async def test_a_confirmed_job_is_one_line_however_often_the_news_comes(world, scope):
    customer, anna = await world.customer(), await world.friend()
    job_id = await done(world, customer, anna)
    for _again in range(2):
        await reaction_table()["job.confirmed"]["ledger.settle"]({"job_id": job_id})
    (line,) = await models.Line.all()
    assert (line.friend_id, line.price_cents, line.fee_cents, line.currency) == (anna.friend.id, 8900, 1070, "CHF")
    assert await service.settle(job_id=UUID(job_id)) is None


async def test_an_objection_that_ends_in_a_withdrawal_takes_the_line_back(world, scope):
    customer, anna, agent = await world.customer(), await world.friend(), await world.agent()
    job_id = await done(world, customer, anna)
    await customer.must(f"/jobs/{job_id}/dispute", {"reason": "It does not work"})
    await world.drain()
    assert await models.Line.all().count() == 1  # the objection alone changes nothing
    await agent.must(f"/jobs/{job_id}/decide", {"uphold": False, "reason": "Not solved"})
    await world.drain()
    lines = await models.Line.all().order_by("entry")
    assert [(line.kind, line.price_cents, line.fee_cents) for line in lines] == [
        ("earned", 8900, 1070),
        ("adjusted", -8900, -1070),
    ]
    month = await anna.read("/ledger")
    assert month["sums"][0]["net"] == {"amount": 0, "currency": "CHF"}


async def test_staff_who_have_a_salary_get_no_line(world, scope):
    customer, inge = await world.customer(), await world.friend(kind=Kind.INTERNAL)
    await done(world, customer, inge)
    assert await models.Line.all().count() == 0


async def test_the_page_the_file_and_the_api_say_the_same(world, scope):
    customer, anna, beat = await world.customer(), await world.friend(name="Anna"), await world.friend()
    await done(world, customer, anna)
    await world.advance(days=20)
    await done(world, customer, anna, street="Rämistrasse 2")
    visitor = await browser(world, person=anna)
    page = await visitor.get("/friend/ledger")
    assert page.h1 == "CHF\u00a078.30 in December 2026"
    assert "From one job, after the platform fee." in page.text
    older = await visitor.click(page, "November 2026")
    assert older.h1 == "CHF\u00a078.30 in November 2026"
    answer = await visitor.client.get(older.links["Download as a table (CSV)"])
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[-3:] == ["Price", "Platform fee", "For you"]
    assert row[0] == "2026-11-23"
    assert row[-4:] == ["CHF", "89.00", "10.70", "78.30"]
    german = await visitor.client.get("/de/friend/ledger/export?month=2026-11")
    assert german.content.decode("utf-8-sig").startswith("Datum,Auftrag,Dienst,Währung,Preis,")
    month = await anna.read("/ledger", month="2026-11")
    assert month["months"] == ["2026-12", "2026-11"]
    assert [line["net"]["amount"] for line in month["lines"]] == [7830]
    assert (await anna.get("/ledger", month="2026-13")).status_code == 422
    assert (await visitor.get("/friend/ledger?month=never")).status == 404
    other = await browser(world, person=beat)
    assert (await other.get("/friend/ledger")).h1 == "Nothing earned yet in December 2026"
    assert (await other.get("/friend/ledger?month=2026-11")).h1 == "Nothing earned in November 2026"
