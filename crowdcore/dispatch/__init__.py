"""Room: finding the right Friend nearby: waves of requests, and the first who accepts has the job.

Announces `WaveSent`. Timers: `dispatch.step` (the next wave or notice of a search).

What is stored is little: a wave is one immutable row with the ids it asked, a reaction (seen, declined,
lapsed) is one row, an assignment lives in the jobs room. An *offer* is a (wave, member) pair whose state
is read from these three.
"""
