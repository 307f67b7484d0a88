"""What customers say afterwards."""

import pytest

from tests.kit import check_field, check_problem

GOOD = {"stars": 5, "book_again": True}


@pytest.fixture
async def done(world):
    customer, anna = await world.customer(), await world.friend()
    job_id = await _done(world, customer, anna)
    return customer, anna, job_id


async def _done(world, customer, anna):
    job_id = (await world.book(customer))["id"]
    await world.take(anna)
    await anna.must(f"/jobs/{job_id}/start")
    await anna.must(f"/jobs/{job_id}/report", {"text": "Works."})
    await customer.must(f"/jobs/{job_id}/confirm")
    await world.drain()
    return job_id


async def test_one_job_one_rating(done):
    customer, anna, job_id = done
    rated = await customer.must(f"/jobs/{job_id}/rating", {**GOOD, "comment": "Kind."})
    assert (rated["stars"], rated["comment"]) == (5, "Kind.")
    check_problem(await customer.post(f"/jobs/{job_id}/rating", GOOD), 409, "rating.already")
    assert "rating" not in (await customer.job(job_id))["actions"]
    assert (await anna.read("/me"))["friend"]["rating_count"] == 1


@pytest.mark.parametrize("stars", [0, 6, -1, 10**30])
async def test_one_to_five(done, stars):
    customer, _, job_id = done
    answer = await customer.post(f"/jobs/{job_id}/rating", {"stars": stars, "book_again": True})
    assert answer.status_code == 422


async def test_ratings_that_are_not_possible(world, done):
    customer, anna, job_id = done
    check_field(
        await customer.post(f"/jobs/{job_id}/rating", {**GOOD, "comment": "a" * 1001}),
        "/comment",
        "field.too_long",
    )
    check_field(await customer.post(f"/jobs/{job_id}/rating", {"stars": 5}), "/book_again", "field.required")
    check_problem(await anna.post(f"/jobs/{job_id}/rating", GOOD), 403, "auth.scope")
    stranger = await world.customer()
    check_problem(await stranger.post(f"/jobs/{job_id}/rating", GOOD), 404, "not_found")
    fresh = (await world.book(customer))["id"]
    check_problem(await customer.post(f"/jobs/{fresh}/rating", GOOD), 409, "rating.not_now")
    await world.advance(days=61)
    check_problem(await customer.post(f"/jobs/{job_id}/rating", GOOD), 409, "rating.not_now")


async def test_figures_from_five_ratings_on(world):
    customer, anna = await world.customer(), await world.friend()
    public = await world.client()
    for count, stars in enumerate((5, 4, 5, 3, 5), start=1):
        job_id = await _done(world, customer, anna)
        rating = {"stars": stars, "book_again": stars > 3}
        await customer.must(f"/jobs/{job_id}/rating", rating)
        summary = (await public.get("/ratings/summary")).json()
        shown = (4.4, 0.8) if count == 5 else (None, None)
        assert (summary["count"], summary["mean"], summary["book_again"]) == (count, *shown)
    elsewhere = await world.client("energy")
    assert (await elsewhere.get("/ratings/summary")).json()["count"] == 0
    await world.advance(minutes=5)
    assert len(world.mails("kundendienst@")) == 1, "support calls back whoever gave three stars"
