"""Scorecast, the serverless live-score backend.

Imports go one way: protocol, domain, runtime, aws, then app and http, and `wiring` above them all.
"""
