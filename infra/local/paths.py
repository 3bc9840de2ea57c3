"""Where a local stack keeps its files, by the stack's name."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final, Self

from infra.local.errors import LocalError

ROOT: Final = Path(__file__).resolve().parents[2]
LOCAL: Final = ROOT / ".local"
DEFAULT_NAME: Final = "stack"
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")


def open_private(path: Path) -> BinaryIO:
    """Write a new file that only its owner can read."""
    path.unlink(missing_ok=True)
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class StackPaths:
    def __init__(self, name: str = DEFAULT_NAME, local: Path = LOCAL) -> None:
        self.name = name
        self.local = local
        self.is_default = name == DEFAULT_NAME
        # CloudFormation's name for the stack.
        self.stack_name = "scorecast" if self.is_default else f"scorecast-{name}"
        # Describes the stack to clients and tests. Exists only while the stack is ready.
        self.stack_file = local / f"{name}.json"
        self.folder = local / "run" / name
        # Held by the cloud's process for as long as it lives.
        self.lock = self.folder / "background.lock"
        self.cloud_log = self.folder / "cloud.log"
        self.sam_log = self.folder / "sam.log"
        # What is removed when the cloud ends: which build it holds, with which parameters; which
        # tournament the page shows; and what MiniStack writes.
        self.state = self.folder / "state"
        self.deployed = self.state / "deployed"
        self.shown = self.state / "shown"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        name = environ.get("STACK") or DEFAULT_NAME
        if not NAME.fullmatch(name):
            raise LocalError(
                f"STACK={name} is not a stack name: use lower-case letters, digits and hyphens."
            )
        return cls(name)

    def create(self) -> None:
        """Make the folders, closed to other users: what they hold lets its reader in."""
        for folder in (self.local, self.folder, self.state):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
