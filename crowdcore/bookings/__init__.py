"""Room: how a wish becomes a job: gates, guide price, draft, submit.

Announces `CallAsked`, and `JobOpened` of the jobs room through its verbs.
"""
