"""A release, installed and deployed from its files alone."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from infra.local.build import BUNDLE_BUILT, built_template, make
from infra.local.deploy import BUCKET
from infra.local.parameters import host_architecture
from infra.local.paths import LOCAL, ROOT
from infra.local.tools import SAM
from infra.release.service import package
from tests.docs.pages import blocks, section
from tests.e2e.deployed import Deployed

STACK = "scorecast-release"
TOOLS = Path(sys.executable).parent
PATH = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHECK, INSTALL_WHEEL, INSTALL_TARBALL = blocks(section(README, "## Install"), "sh")[0].splitlines()
PYTHON_ONCE = """
import sys


def print(*shown):
    sys.exit(" ".join(map(str, shown)))


asyncio.run(watch(*sys.argv[1:]))
"""
"""After the README's program: it ends with the first thing that it shows."""
BROWSER_FIRST = """
const [url, token] = process.argv.slice(2);
const show = (shown) => process.exit(console.log(JSON.stringify(shown)));
"""


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environ, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    make(built_template("arm64"), built_template("x86_64"), BUNDLE_BUILT)
    folder = tmp_path_factory.mktemp("release") / "dist"
    run(sys.executable, "-m", "infra.release", "--into", folder, cwd=ROOT)
    return folder


def only(folder: Path, pattern: str) -> Path:
    [found] = folder.glob(pattern)
    return found


def named_in(line: str, release: Path) -> Path:
    """The file of the release that a line of the README installs."""
    return only(release, line.rpartition("./")[2])


def test_the_checksums_are_of_all_the_files(release: Path) -> None:
    run("sh", "-c", CHECK, cwd=release)
    listed = {line.split()[1] for line in (release / "SHA256SUMS").read_text().splitlines()}
    assert listed | {"SHA256SUMS"} == {path.name for path in release.iterdir()}


def test_the_service_is_deployed_from_its_archive(
    release: Path, deployed: Deployed, tmp_path: Path
) -> None:
    zipfile.ZipFile(only(release, f"scorecast-*-{host_architecture()}.zip")).extractall(tmp_path)
    endpoint_url = deployed.description["endpoint_url"]

    run(
        *(SAM, "deploy", "--template-file", "template.yaml", "--stack-name", STACK),
        *("--s3-bucket", BUCKET, "--region", "us-east-1"),
        *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
        *("--parameter-overrides", f"LocalEndpoint={endpoint_url}", "AllowAnonymous=true"),
        cwd=tmp_path,
        **deployed.aws.environ(),
    )

    cloudformation = deployed.aws.client("cloudformation")
    [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    answer = httpx.get(f"{outputs['HttpUrl']}/matches/none", timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    cloudformation.delete_stack(StackName=STACK)


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_an_archive_names_its_architecture_and_nothing_outside_itself(
    release: Path, architecture: str
) -> None:
    archive = zipfile.ZipFile(only(release, f"scorecast-*-{architecture}.zip"))
    template = archive.read("template.yaml").decode()

    used = set(re.findall(r"^ +(?:CodeUri|ContentUri|TemplateURL): ([\w./-]+)$", template, re.M))
    assert used - {"functions/"} <= set(archive.namelist())  # what is global no function uses
    assert f"    Default: {architecture}\n" in template.partition("  Architecture:\n")[2][:200]


@pytest.mark.parametrize("pattern", ["scorecast-*-arm64.zip", "scorecast-*-x86_64.zip", "*.whl"])
def test_what_is_handed_out_has_its_licence(release: Path, pattern: str) -> None:
    archive = zipfile.ZipFile(only(release, pattern))
    [licence] = [name for name in archive.namelist() if Path(name).name == "LICENSE"]
    assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()


def test_the_same_build_is_the_same_archive(release: Path, tmp_path: Path) -> None:
    first = only(release, "scorecast-*-arm64.zip")
    version = first.name.split("-")[1]
    again = tmp_path / "again.zip"
    package(built_template("arm64").parent, again, version=version, architecture="arm64")
    assert again.read_bytes() == first.read_bytes()


@pytest.fixture(scope="module")
def wheel_folder(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with the wheel, whose dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    install = ("pip", "install", "--python", sys.executable, "--no-deps", "--target", ".")
    run(LOCAL / "uv" / "bin" / "uv", *install, named_in(INSTALL_WHEEL, release), cwd=folder)
    return folder


@pytest.fixture(scope="module")
def tarball_folder(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tarball")
    install = (TOOLS / "npm", "install", "--offline", "--silent")
    run(*install, named_in(INSTALL_TARBALL, release), cwd=folder, PATH=PATH)
    return folder


def test_the_wheel_has_the_client_and_its_command(wheel_folder: Path) -> None:
    path = str(wheel_folder)
    where = "import scorecast_client; print(scorecast_client.__file__)"
    found = run(sys.executable, "-c", where, cwd=wheel_folder, PYTHONPATH=path)
    assert Path(found.strip()).is_relative_to(wheel_folder)
    command = (sys.executable, "-m", "scorecast_client", "--help")
    assert "watch" in run(*command, cwd=wheel_folder, PYTHONPATH=path)


def test_the_readmes_python_program_runs_with_the_wheel(
    wheel_folder: Path, deployed: Deployed
) -> None:
    (code,) = blocks(README, "python")
    (wheel_folder / "watch.py").write_text(code + PYTHON_ONCE)
    url, token = deployed.description["ws_url"], deployed.stack.token_for("reader")

    shown = subprocess.run(
        [sys.executable, "watch.py", url, token, "demo-1"],
        cwd=wheel_folder,
        env=os.environ | {"PYTHONPATH": str(wheel_folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert shown.stderr.startswith("snapshot {"), shown.stderr
    assert "'match_id': 'demo-1'" in shown.stderr


def test_the_readmes_script_runs_with_the_tarball(tarball_folder: Path, deployed: Deployed) -> None:
    (code,) = blocks(README, "js")
    (tarball_folder / "readme.mjs").write_text(BROWSER_FIRST + code)
    url, token = deployed.description["ws_url"], deployed.stack.token_for("reader")

    shown = run(TOOLS / "node", "readme.mjs", url, token, cwd=tarball_folder)

    assert json.loads(shown)["match_id"] == "demo-1"


def test_every_entry_point_is_in_the_tarball(tarball_folder: Path) -> None:
    package = tarball_folder / "node_modules" / "@scorecast" / "client"
    exported = json.loads((ROOT / "clients" / "js" / "package.json").read_text())["exports"]
    named = set(re.findall(r'"\./(dist/[\w.-]+)"', json.dumps(exported)))
    assert named == {name for name in named if (package / name).is_file()}
    assert {"dist/index.js", "dist/react.js", "dist/scorecast.iife.js"} <= named


def test_the_bill_of_materials_lists_what_the_layer_installs(release: Path) -> None:
    bill = json.loads(only(release, "*-service.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    listed = {f"{each['name']}=={each['version']}" for each in bill["components"]}
    required = (ROOT / "layers" / "core" / "requirements.txt").read_text()
    installed = set(re.findall(r"^([\w.-]+==[\w.]+)", required, re.MULTILINE))
    assert installed and installed <= listed


@pytest.mark.parametrize(
    ("bill", "name"),
    [
        ("service", "scorecast"),
        ("python-client", "scorecast-client"),
        ("browser-client", "@scorecast/client"),
    ],
)
def test_a_bill_of_materials_is_of_the_package_by_its_name(
    release: Path, bill: str, name: str
) -> None:
    component = json.loads(only(release, f"*-{bill}.cdx.json").read_text())["metadata"]["component"]
    assert component["name"] == name


def test_the_notes_are_the_versions_section(release: Path) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    [version] = {each.name.split("-")[1] for each in release.glob("scorecast-*.zip")}
    assert (release / "NOTES.md").read_text() == (
        f"# Scorecast {version}\n" + section(changelog, f"## {version}").partition("\n")[2]
    )
