"""The composition root: makes the parts of a function from its settings, once per cold start.

Each factory takes the settings that its part needs, which every function that uses the part has.
A function imports the modules whose factories it calls. Nothing is made or imported before it is
asked for: a cold start pays for what it uses, and tests import handlers freely.
"""
