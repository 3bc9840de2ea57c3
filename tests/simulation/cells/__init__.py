"""Two cells in one virtual time, and a tournament that moves between them."""
