"""All interleavings of two or three invocations, with at most one fault anywhere.

A schedule is a sequence of turns, one AWS call each. Schedules that differ only in the order of
calls that do not touch the same place end alike, so one of each such class is run (dynamic
partial-order reduction), and the classes' sizes are counted.
"""
