"""Room: the end of a job: report, confirm, object, decide, settle.

Announces `JobDone`, `JobConfirmed`, `JobDisputed`, `JobSettled` of the jobs room.
"""
