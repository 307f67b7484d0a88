"""Room: what customers say afterwards: one to five, and whether they would book again.

Announces `JobRated`. Listens to nothing.
"""
