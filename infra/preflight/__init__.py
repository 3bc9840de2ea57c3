"""Checks of the prerequisites of a deployment, before anything is built or created."""
