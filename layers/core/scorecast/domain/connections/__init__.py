"""Who may connect, as whom, how often, and when a connection counts as idle."""
