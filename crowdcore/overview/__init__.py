"""Room: a job as each side may see it, gathered from all rooms: search, Friend, price, case, rating.

Announces nothing, listens to nothing, stores nothing.
"""
