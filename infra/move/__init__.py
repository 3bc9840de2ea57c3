"""Move tournaments from one cell to another."""
