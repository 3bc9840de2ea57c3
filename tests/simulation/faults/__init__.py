"""Faults F1 to F40, each on the invariants. The table is in docs/proof.md."""
