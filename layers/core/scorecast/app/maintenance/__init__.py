"""What the sweep does: one module per task."""
