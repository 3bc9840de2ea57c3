"""Matches, tournaments and the coalescing window."""
