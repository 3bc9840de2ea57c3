"""Bugs in adapters, use cases, functions, template and client, and the test that notices each."""
