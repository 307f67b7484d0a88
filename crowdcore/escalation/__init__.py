"""Room: what is too hard, or finds nobody, goes to the partner's support - and comes back from there.

Announces `CaseOpened`, `CaseAnswered`, `CaseTakenOver`, `CaseClosed`. Reacts to `job.cancelled` and to its own
`escalation.opened` (delivery to the partner's system). Timers: `job.fallback`, `job.no_show`, `job.overrun`,
`job.desk`. A job that is handed over has exactly one open case, so it is never held by none or by two.
"""
