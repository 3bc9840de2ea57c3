"""The sweep's tasks: one module each."""
