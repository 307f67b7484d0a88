"""Room: what a member does with a request: look, decline, accept. The first accept wins.

Announces `JobAssigned` of the jobs room and `OfferWasDeclined` of the dispatch room.
"""
