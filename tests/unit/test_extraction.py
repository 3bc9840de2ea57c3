"""What Lambdas of the local cloud start from is extracted once, and whole."""

import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from infra.local.extraction import SharedZipFile

FILES = {"a.py": "A = 1", "package/b.py": "B = 2"}


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = tmp_path / "code.zip"
    with zipfile.ZipFile(path, "w") as out:
        for name, content in FILES.items():
            out.writestr(name, content)
    return path


def extracted(archive: Path, folder: Path) -> Path:
    folder.mkdir()
    with SharedZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def test_two_folders_have_one_extraction(archive: Path, tmp_path: Path) -> None:
    folders = [extracted(archive, tmp_path / name) for name in ("first", "second")]
    for folder in folders:
        assert {name: (folder / name).read_text() for name in FILES} == FILES
    assert folders[0].resolve() == folders[1].resolve()


def test_another_archive_has_an_extraction_of_its_own(archive: Path, tmp_path: Path) -> None:
    before = extracted(archive, tmp_path / "before")
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("a.py", "A = 2")
    after = extracted(archive, tmp_path / "after")
    assert (before / "a.py").read_text() == "A = 1"
    assert (after / "a.py").read_text() == "A = 2"


def test_lambdas_that_start_at_once_find_everything(archive: Path, tmp_path: Path) -> None:
    together = Barrier(8)

    def start(number: int) -> int:
        together.wait()
        folder = extracted(archive, tmp_path / str(number))
        return sum((folder / name).read_text() == text for name, text in FILES.items())

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(start, range(8))) == [len(FILES)] * 8
    assert len(list((tmp_path / "extracted").iterdir())) == 1


def test_a_folder_in_use_is_not_replaced(archive: Path, tmp_path: Path) -> None:
    """What was there before stays, and the error is the caller's to see."""
    folder = tmp_path / "used"
    folder.mkdir()
    (folder / "kept").touch()
    with SharedZipFile(archive) as opened, pytest.raises(OSError, match="not empty"):
        opened.extractall(folder)
    assert (folder / "kept").exists()
