"""One module per queue."""
