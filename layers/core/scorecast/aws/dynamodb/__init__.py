"""One module per item type of the two tables."""
