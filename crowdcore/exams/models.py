"""Tables of the exams room."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Attempt(PartnerOwned):
    """One Friend's attempt at one exam, with all it needs to be graded whatever is released later."""

    friend_id = fields.UUIDField()
    exam_id = fields.CharField(max_length=60)
    exam_version = fields.IntField()
    seed = fields.CharField(max_length=40)
    paper: fields.JSONField[dict[str, object]] = fields.JSONField()
    content: fields.JSONField[dict[str, object]] = fields.JSONField()
    state = fields.CharField(max_length=10)
    version = fields.IntField()
    started_at = fields.DatetimeField()
    deadline_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    submitted_at = fields.DatetimeField(null=True)
    graded_at = fields.DatetimeField(null=True)
    score = fields.IntField(null=True)
    max_score = fields.IntField(null=True)
    passed = fields.BooleanField(null=True)
    valid_until = fields.DatetimeField(null=True)
    result: fields.JSONField[dict[str, object] | None] = fields.JSONField(null=True)

    class Meta:
        table = "exams_attempt"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"),)
        indexes = (("partner_id", "friend_id", "exam_id"),)


class AttemptAnswer(PartnerOwned):
    """The last answer to one question: choice ids, or the figures of a number."""

    attempt_id = fields.UUIDField()
    question_id = fields.CharField(max_length=60)
    value: fields.JSONField[list[str]] = fields.JSONField()
    at = fields.DatetimeField()

    class Meta:
        table = "exams_answer"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "attempt_id", "question_id"))


class ExtraAttempt(PartnerOwned):
    """Leave to try once more than the exam allows, given by the partner's staff with a reason."""

    friend_id = fields.UUIDField()
    exam_id = fields.CharField(max_length=60)
    reason = fields.CharField(max_length=200)
    at = fields.DatetimeField()

    class Meta:
        table = "exams_extra_attempt"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"),)
        indexes = (("partner_id", "friend_id", "exam_id"),)


__models__ = [Attempt, AttemptAnswer, ExtraAttempt]
