"""What a release consists of: packages that are installed or deployed without this repository."""
