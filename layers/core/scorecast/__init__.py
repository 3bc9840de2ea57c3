"""Scorecast: live scores over API Gateway WebSockets.

The modules of this package decide: no AWS, no clock, no environment. `scorecast.aws` performs.
"""
