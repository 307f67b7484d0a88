"""Migrations of the kernel, applied in the order of their numbers; generated, then read."""
