"""Lets the handlers be imported by a program that is not pytest, from the project's root."""

import sys
from pathlib import Path


def make_importable() -> None:
    for folder in ("functions", "layers/core"):
        path = str(Path.cwd() / folder)
        if path not in sys.path:
            sys.path.insert(0, path)
