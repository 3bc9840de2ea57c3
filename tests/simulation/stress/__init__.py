"""Conditions that last: each scenario is judged by a deadline in virtual time."""
