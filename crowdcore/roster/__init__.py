"""Room: the members of the crowd as the partner's staff see them - lists, activity, and decisions with a reason.

Announces nothing itself (the crowd room does), listens to nothing, stores nothing but lines of history.
"""
