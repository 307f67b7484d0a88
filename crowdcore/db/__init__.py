"""Storage: how tables are scoped to a partner, written in one unit of work, and announced."""
