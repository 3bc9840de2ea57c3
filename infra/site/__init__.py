"""The documentation as a static site: one folder for each version, with a search and llms.txt."""
