"""Room: the live board - what needs somebody of the partner now, all open jobs, and the curve against its goals.

Announces nothing, listens to nothing, stores nothing: it reads what the other rooms wrote.
"""
