"""Room: a customer's job from booking to confirmation, and who holds it at every moment.

Announces `JobOpened`, `JobAssigned`, `JobReleased`, `JobStarted`, `JobDone`, `JobConfirmed`, `JobCancelled`,
`JobEscalated`, `JobReopened`, `JobDisputed`, `JobSettled`, `MilestoneReached`, `PriceProposed`, `PriceAgreed`,
`NobodyYet`. Listens to nothing: dispatch and escalation above call its verbs.
"""
