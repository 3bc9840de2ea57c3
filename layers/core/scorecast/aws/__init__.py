"""Adapters: one module per table, queue or service."""
