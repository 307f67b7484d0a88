"""The portals: one per partner, opened at start from the plugins' files, found by host name.

Events in: none. Events out: none.
"""
