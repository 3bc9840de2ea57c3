"""The unmodified handlers under a seeded scheduler, over models of the AWS services they use."""
