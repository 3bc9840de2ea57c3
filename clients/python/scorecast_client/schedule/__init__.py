"""Schedules from files, compared with what is registered."""
