"""One extraction of each archive for all Lambdas that start from it.

MiniStack extracts the code and the layer for every execution environment anew: thousands of files
for a function that starts ten times. Functions cannot write there in AWS, so they may share them.
"""

import hashlib
import os
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any, Final

_EXTRACTING: Final = threading.Lock()


class SharedZipFile(zipfile.ZipFile):
    """A zip file that is extracted once, whatever the number of folders it is wanted in."""

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        with open(str(self.filename), "rb") as archive:
            digest = hashlib.file_digest(archive, "sha256").hexdigest()
        shared = Path(tempfile.gettempdir()) / "extracted" / digest
        with _EXTRACTING:
            if not shared.exists():
                draft = shared.with_suffix(".new")
                super().extractall(draft)
                draft.rename(shared)  # complete from the first moment that it is there
        os.rmdir(path)
        os.symlink(shared, path)
