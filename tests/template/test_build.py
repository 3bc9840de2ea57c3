"""`sam validate --lint` and `sam build`, and what they leave."""

import subprocess
from pathlib import Path
from typing import Final

import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.local.aws import NO_AWS
from infra.local.build import built_template, make
from infra.local.paths import LOCAL, ROOT
from infra.local.tools import SAM
from infra.template import NESTED, nested

ELF_MACHINES: Final = {"x86_64": 0x3E, "arm64": 0xB7}
ELF_MACHINE_AT: Final = 18
REQUIREMENTS: Final = ROOT / "layers" / "core" / "requirements.txt"
EXPORT: Final = "export --quiet --locked --only-group layer --no-hashes --no-annotate --no-header"
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
    names = {line.split("==")[0] for line in REQUIREMENTS.read_text().splitlines()}
    assert not names & {"boto3", "botocore", "s3transfer"}


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
