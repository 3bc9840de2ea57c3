"""Known vulnerabilities of what is locked: `python -m infra.audit`."""
