"""What a Lambda runs on: settings, log, metrics, time and randomness."""
