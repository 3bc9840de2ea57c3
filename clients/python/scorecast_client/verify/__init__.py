"""Does a deployed stack do what the documents say? A suite against its public addresses.

It works in a tournament of its own and needs no test data. Each check names the fact about AWS that
it confirms, so that a run on AWS settles what no emulator shows.
"""
