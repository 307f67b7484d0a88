"""Room: what customers say afterwards: one to five, and whether they would book again.

Announces `JobRated`, `RatingReplied`. Listens to nothing.
"""
