"""Room: telling people, in their language, in the partner's look.

Listens to the news of all rooms below; announces nothing.
"""
