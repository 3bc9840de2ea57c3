"""The local cloud: start it, build and deploy the template into it, seed it, replay, serve."""
