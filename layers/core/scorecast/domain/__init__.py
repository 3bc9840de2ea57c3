"""Decisions. Pure: no clock, no environment, no AWS."""
