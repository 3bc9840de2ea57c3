"""The load of an audience on AWS, minute by minute: what saturates first, and what it costs.

The units of operations are the measured budgets of `infra.cost`; the rules of windows, lanes and
shards are the service's own functions. What is assumed is stated where it stands.
"""
