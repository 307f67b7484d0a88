"""Room: what Friend and customer settle between themselves: appointment, steps on the way, the price.

Announces `MilestoneReached`, `PriceProposed`, `PriceAgreed`, `PriceDeclined` of the jobs room.
"""
