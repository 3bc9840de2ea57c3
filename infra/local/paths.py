"""Where a local stack keeps its files, by the stack's name."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class StackPaths:
    name: str = DEFAULT_NAME
    local: Path = LOCAL

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        name = environ.get("STACK") or DEFAULT_NAME
        if not NAME.fullmatch(name):
            raise LocalError(
                f"STACK={name} is not a stack name: use lower-case letters, digits and hyphens."
            )
        return cls(name)

    @property
    def is_default(self) -> bool:
        return self.name == DEFAULT_NAME

    @property
    def stack_name(self) -> str:
        """The CloudFormation stack's."""
        return "scorecast" if self.is_default else f"scorecast-{self.name}"

    @property
    def stack_file(self) -> Path:
        """Describes the stack to clients and tests. Exists only while the stack is ready."""
        return self.local / f"{self.name}.json"

    @property
    def folder(self) -> Path:
        """Logs and locks."""
        return self.local / "run" / self.name

    def create(self) -> None:
        """Make the folders, closed to other users: what they hold lets its reader in."""
        for folder in (self.local, self.folder, self.state):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    @property
    def lock(self) -> Path:
        """Held by the background processes for as long as one of them lives."""
        return self.folder / "background.lock"

    @property
    def cloud_log(self) -> Path:
        return self.folder / "cloud.log"

    @property
    def sam_log(self) -> Path:
        return self.folder / "sam.log"

    @property
    def state(self) -> Path:
        """What is removed when the background processes end."""
        return self.folder / "state"

    @property
    def deployed(self) -> Path:
        """Which build the running cloud holds, and with which parameters."""
        return self.state / "deployed"

    @property
    def shown(self) -> Path:
        """Id of the tournament that the page shows."""
        return self.state / "shown"
