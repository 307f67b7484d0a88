"""Room: people who want help where a portal is not open yet; each is written to once, when it opens.

Announces `RegionOpened`, listens to nothing.
"""
