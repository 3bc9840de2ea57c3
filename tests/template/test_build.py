"""`sam validate --lint` and `sam build`, and what they leave."""

import re
import shutil
import subprocess
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from typing import Final

import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.local.build import NO_AWS, built_template, make
from infra.local.paths import LOCAL, ROOT
from infra.local.tools import SAM
from infra.template import NESTED, nested

ELF_MACHINES: Final = {"x86_64": 0x3E, "arm64": 0xB7}
ELF_MACHINE_AT: Final = 18
REQUIREMENTS: Final = ROOT / "layers" / "core" / "requirements.txt"
EXPORT: Final = "export --quiet --locked --only-group layer --no-annotate --no-header"
UNCHECKED_HASH: Final = 0b01
"""The flags of bytecode that is taken whatever has become of its source: PEP 552."""
LAYER_BYTES_MAX: Final = 250 * 1024 * 1024
"""Lambda's limit for a function and its layers, unzipped."""


def test_the_template_is_valid_and_lints_clean() -> None:
    environ = NO_AWS.environ() | {"SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(
        [SAM, "validate", "--lint"], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a valid SAM Template" in done.stdout


def test_the_layer_asks_for_what_is_locked() -> None:
    uv = LOCAL / "uv" / "bin" / "uv"
    done = subprocess.run([uv, *EXPORT.split()], cwd=ROOT, capture_output=True, text=True)
    assert REQUIREMENTS.read_text() == done.stdout, "run make build"


def test_the_layer_leaves_out_what_the_runtime_brings() -> None:
    assert not required().keys() & {"boto3", "botocore", "s3transfer"}


def required() -> dict[str, list[str]]:
    """What the layer requires, with the hashes that each may have."""
    text = REQUIREMENTS.read_text().replace("\\\n", "")
    lines = [line.split() for line in text.splitlines()]
    return {
        name.split("==")[0]: [each for each in rest if each.startswith("--hash=sha256:")]
        for name, *rest in lines
    }


def test_everything_in_the_layer_is_required_with_its_hashes() -> None:
    assert all(required().values())


def test_the_layer_is_built_from_checked_wheels_alone(architecture: str) -> None:
    """`sam build` is given no index: what it installs has been checked."""
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^SAM := .* PIP_NO_INDEX=1 PIP_FIND_LINKS=", makefile, re.MULTILINE)
    installed = {
        f"{name}-{version}"
        for folder in _layer(architecture).rglob("*.dist-info")
        for name, _, version in [folder.name.removesuffix(".dist-info").partition("-")]
    }
    wheels = LOCAL / "build" / "wheels"
    fetched = {"-".join(wheel.name.split("-")[:2]) for wheel in wheels.glob("*.whl")}
    assert installed and installed <= fetched


def test_a_wheel_with_another_hash_is_not_fetched(tmp_path: Path) -> None:
    wrong = tmp_path / "requirements.txt"
    wrong.write_text(f"jmespath==1.1.0 --hash=sha256:{'0' * 64}\n")
    done = subprocess.run(
        [sys.executable, "-m", "infra.wheels", wrong, tmp_path / "wheels"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert list((tmp_path / "wheels").glob("*")) == []


@pytest.fixture(scope="module", params=sorted(ELF_MACHINES))
def architecture(request: pytest.FixtureRequest) -> str:
    """An architecture that everything has been built for."""
    make(built_template(request.param))
    return str(request.param)


def test_everything_compiled_is_for_the_asked_architecture(architecture: str) -> None:
    libraries = list(_layer(architecture).rglob("*.so"))
    assert libraries
    for library in libraries:
        assert _elf_machine(library) == ELF_MACHINES[architecture], library.name


def test_the_layer_holds_the_package_and_fits(architecture: str) -> None:
    layer = _layer(architecture)
    assert (layer / "python" / "scorecast" / "py.typed").exists()
    files = [file for file in layer.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < LAYER_BYTES_MAX


@pytest.mark.parametrize("part", ["CoreLayer", "ConnectFunction"])
def test_no_cold_start_compiles(architecture: str, part: str) -> None:
    """A Lambda cannot keep bytecode; the age of a source, which a zip changes, does not matter."""
    built = built_template(architecture).with_name(part)
    sources = list(built.rglob("*.py"))
    assert sources
    for source in sources:
        bytecode = Path(cache_from_source(str(source))).read_bytes()
        assert bytecode[:4] == MAGIC_NUMBER
        assert int.from_bytes(bytecode[4:8], "little") == UNCHECKED_HASH
        assert str(ROOT).encode() not in bytecode


def test_the_same_sources_are_the_same_bytecode(tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for seed, folder in enumerate(folders):
        shutil.copytree(ROOT / "layers", folder, ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run(
            [sys.executable, "-m", "infra.bytecode", folder],
            cwd=ROOT,
            env={"PYTHONHASHSEED": str(seed)},
            check=True,
        )
    assert len({frozenset(_bytecode(folder).items()) for folder in folders}) == 1
    assert _bytecode(folders[0])


def _bytecode(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.cpython-*.pyc")
    }


def test_every_function_is_built(architecture: str) -> None:
    built = built_template(architecture).with_name("ConnectFunction")
    sources = {file.name for file in (ROOT / "functions").glob("*.py")}
    assert {file.name for file in built.glob("*.py")} == sources


def test_nested_stacks_are_built_beside_the_template(architecture: str) -> None:
    built = built_template(architecture)
    for stack in NESTED:
        assert f"TemplateURL: {stack}/template.yaml" in built.read_text()
        copy = yaml_parse((built.parent / stack / "template.yaml").read_text())
        assert copy == nested(stack)


def _layer(architecture: str) -> Path:
    return built_template(architecture).with_name("CoreLayer")


def _elf_machine(library: Path) -> int:
    with library.open("rb") as file:
        header = file.read(ELF_MACHINE_AT + 2)
    assert header[:4] == b"\x7fELF"
    return int.from_bytes(header[ELF_MACHINE_AT:], "little")
