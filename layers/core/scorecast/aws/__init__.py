"""Performs what `scorecast` decides: one module per AWS service or table."""
