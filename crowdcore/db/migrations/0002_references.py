"""Rows refer only to rows of their own partner; one assignment, one case, one open attempt at a time."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from crowdcore.db.references import add_references, drop_references

REFERENCES = (
    ("accounts_session", "account_id", "accounts_account"),
    ("accounts_api_token", "account_id", "accounts_account"),
    ("crowd_friend", "account_id", "accounts_account"),
    ("crowd_qualification", "friend_id", "crowd_friend"),
    ("crowd_qualification", "attempt_id", "exams_attempt"),
    ("exams_attempt", "friend_id", "crowd_friend"),
    ("exams_extra_attempt", "friend_id", "crowd_friend"),
    ("exams_answer", "attempt_id", "exams_attempt"),
    ("jobs_job", "customer_id", "accounts_account"),
    ("jobs_job", "assignee_id", "crowd_friend"),
    ("jobs_job", "suspended_id", "crowd_friend"),
    ("jobs_job", "done_by_id", "crowd_friend"),
    ("jobs_job", "preferred_id", "crowd_friend"),
    ("jobs_contact", "job_id", "jobs_job"),
    ("jobs_assignment", "job_id", "jobs_job"),
    ("jobs_assignment", "friend_id", "crowd_friend"),
    ("jobs_assignment", "wave_id", "dispatch_wave"),
    ("completion_report", "job_id", "jobs_job"),
    ("completion_report", "friend_id", "crowd_friend"),
    ("completion_tick", "job_id", "jobs_job"),
    ("completion_tick", "friend_id", "crowd_friend"),
    ("dispatch_wave", "job_id", "jobs_job"),
    ("dispatch_reaction", "wave_id", "dispatch_wave"),
    ("dispatch_reaction", "job_id", "jobs_job"),
    ("dispatch_reaction", "friend_id", "crowd_friend"),
    ("ratings_rating", "job_id", "jobs_job"),
    ("ratings_rating", "friend_id", "crowd_friend"),
    ("ledger_line", "job_id", "jobs_job"),
    ("ledger_line", "friend_id", "crowd_friend"),
    ("escalation_case", "job_id", "jobs_job"),
    ("escalation_case", "friend_id", "crowd_friend"),
    ("escalation_case", "taken_by", "accounts_account"),
    ("escalation_message", "case_id", "escalation_case"),
    ("notifications_message", "account_id", "accounts_account"),
    ("notifications_message", "job_id", "jobs_job"),
)

#: What must be unique among the rows that are still live; the ORM knows no partial index on SQLite.
UNIQUE_WHILE_LIVE = (
    ("one_assignment_per_job", "jobs_assignment", "partner_id, job_id", "ended_at IS NULL"),
    ("one_open_case_per_job", "escalation_case", "partner_id, job_id", "state <> 'closed'"),
    ("one_open_attempt", "exams_attempt", "partner_id, friend_id, exam_id", "state = 'started'"),
    ("one_live_timer_of_a_kind", "timer", "partner_id, subject_id, kind", "state IN ('pending', 'claimed')"),
)


async def _refer(apps: StateApps, editor: BaseSchemaEditor) -> None:
    await add_references(editor, REFERENCES)
    for name, table, columns, condition in UNIQUE_WHILE_LIVE:
        await editor.client.execute_query(f'CREATE UNIQUE INDEX "{name}" ON "{table}" ({columns}) WHERE {condition}')


async def _undo(apps: StateApps, editor: BaseSchemaEditor) -> None:
    for name, _, _, _ in UNIQUE_WHILE_LIVE:
        await editor.client.execute_query(f'DROP INDEX "{name}"')
    await drop_references(editor, REFERENCES)


class Migration(migrations.Migration):
    dependencies = [("crowdcore", "0001_initial")]
    operations = [ops.RunPython(_refer, _undo)]
