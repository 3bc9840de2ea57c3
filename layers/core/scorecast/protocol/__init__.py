"""The wire: every shape, code and limit that clients see. Pure."""
