"""A pipelining HTTP client with SigV4 for `@connections`."""
