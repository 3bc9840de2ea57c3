"""The simulator's models beside moto and MiniStack: the same requests to each, the same answers."""
