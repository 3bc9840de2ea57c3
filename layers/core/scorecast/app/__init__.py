"""Use cases: one module for each thing that happens."""
