"""Room: what a Friend earned, job by job: the agreed price, the platform's share of it, and what is left.

Listens to `JobConfirmed` and, for work withdrawn after an objection, `JobCancelled`. No money passes through
here: customers pay the Friend, and the platform bills its share once a month.
"""
