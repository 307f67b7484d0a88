"""Languages of the portals: which one a person reads, what the words are, how figures are written."""
