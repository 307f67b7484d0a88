"""Verbs of the ratings room."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base import clock
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.db import outbox
from crowdcore.db.transaction import unit_of_work
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.ratings import models, queries
from crowdcore.ratings.events import JobRated, RatingReplied
from crowdcore.ratings.rules import LOW_STARS, AlreadyRated, AlreadyReplied, Rating, check_rateable, check_stars


@unit_of_work
async def rate(*, job_id: UUID, customer_id: UUID, stars: int, book_again: bool, comment: str) -> Rating:
    """Say how it was; the stars go on the record of the Friend who did the work.

    Args:
        job_id: the customer's own job.
        customer_id: their account.
        stars: 1 to 5.
        book_again: asked on its own, beside the stars.
        comment: free text, may be empty.

    Raises:
        NotFound: not their job.
        StarsRange, NotRateable, AlreadyRated
    """
    check_stars(stars)
    await jobs_service.lock(job_ids=[job_id])
    job = await jobs.job_of_customer(job_id, customer_id)
    check_rateable(job, clock.now())
    if await queries.rating_of(job_id) is not None:
        raise AlreadyRated
    rating = Rating(job_id, job.done_by_id, stars, book_again, comment, clock.now())
    await models.Rating.create(
        job_id=job_id,
        friend_id=rating.friend_id,
        stars=stars,
        book_again=book_again,
        comment=comment,
        at=rating.at,
    )
    account = None
    if job.done_by_id is not None:
        await crowd_service.record_rating(friend_id=job.done_by_id, stars=stars)
        account = (await crowd.friend(job.done_by_id)).account_id
    await outbox.publish(JobRated(job_id=job_id, stars=stars, low=stars <= LOW_STARS, friend_account_id=account))
    return rating


@unit_of_work
async def reply(*, job_id: UUID, friend_id: UUID, text: str) -> Rating:
    """Answer a rating in public, once.

    Args:
        job_id: the job that was rated.
        friend_id: the member whose work it was.
        text: what everybody may read.

    Raises:
        NotFound: nobody rated this job, or it was somebody else's work.
        AlreadyReplied: there is a reply.
    """
    await queries.rating_for(job_id, friend_id)
    unanswered = models.Rating.filter(job_id=job_id, friend_id=friend_id, replied_at=None)
    if await unanswered.update(reply=text, replied_at=clock.now()) == 0:
        raise AlreadyReplied
    job = await jobs.job(job_id)
    await outbox.publish(RatingReplied(job_id=job_id, customer_id=job.customer_id))
    return await queries.rating_for(job_id, friend_id)
