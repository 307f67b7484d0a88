"""Toolkit of the portals' pages and JSON API: who asks, forms, answers, limits, protection, live events."""
