"""What surrounds the service: the local cloud, and how the tools get onto a machine."""
