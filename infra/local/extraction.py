"""One extraction of each archive for all Lambdas that start from it.

MiniStack extracts the code and the layer for every execution environment anew: thousands of files
for a function that starts ten times. Functions cannot write there in AWS, so they may share them.
"""

import hashlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any


class SharedZipFile(zipfile.ZipFile):
    """A zip file that is extracted once, whatever the number of folders it is wanted in."""

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        if path is None or members is not None or pwd is not None or not self.filename:
            super().extractall(path, members, pwd)
            return
        shared = _shared_folder(Path(self.filename))
        if not shared.exists():
            self._extract_to(shared)
        os.rmdir(path)
        os.symlink(shared, path)

    def _extract_to(self, shared: Path) -> None:
        shared.parent.mkdir(exist_ok=True)
        draft = tempfile.mkdtemp(dir=shared.parent)
        super().extractall(draft)
        try:
            os.rename(draft, shared)  # complete from the first moment that it is there
        except OSError:  # another Lambda was faster
            shutil.rmtree(draft)


def _shared_folder(archive: Path) -> Path:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Path(tempfile.gettempdir()) / "extracted" / digest[:32]
