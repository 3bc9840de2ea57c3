"""The local cloud: start it, deploy into it, seed it, replay a tournament, serve the page."""
