"""Puts viewers and score updates on a match, and measures their delivery."""
