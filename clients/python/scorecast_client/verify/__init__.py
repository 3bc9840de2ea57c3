"""Verify that a deployed stack does what the documents say: a suite against its public addresses.

It works in a tournament of its own and needs no test data. Each check names the fact about AWS that
it confirms, so that a run on AWS shows what no emulator can.
"""
