"""The environment of a Lambda: settings, log, metrics, time and randomness."""
