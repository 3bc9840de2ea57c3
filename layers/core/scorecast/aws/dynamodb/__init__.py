"""One module per item type of the tables."""
