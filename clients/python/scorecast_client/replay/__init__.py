"""Plays the matches of a tournament file through a running service."""
