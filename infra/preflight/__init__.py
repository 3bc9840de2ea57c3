"""What must be right before a deployment, checked before anything is built or created."""
