"""Room: how a wish becomes a job: gates, guide price, draft, submit.

Announces `JobOpened` of the jobs room through its verbs.
"""
