"""Room: who somebody is - customer, Friend, agent or admin of one partner - and how they sign in.

Announces `AccountOpened` and `SignInRequested`. Listens to nothing.
"""
