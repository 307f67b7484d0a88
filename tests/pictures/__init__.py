"""The pictures of the documentation, taken from a running demo: `make screenshots`."""
