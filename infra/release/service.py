"""The service as one archive for each architecture: a template, its nested ones, and their zips.

`sam deploy` or `aws cloudformation package` uploads the zips beside the template, so deploying
needs no Python, no Node and no build.
"""

import io
import re
import zipfile
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file in an archive, so that the same content is the same archive."""
FUNCTION: Final = re.compile(r"^( +CodeUri: )\w+Function$", re.MULTILINE)
LAYER: Final = re.compile(r"^( +ContentUri: )CoreLayer$", re.MULTILINE)
NESTED: Final = re.compile(r"^( +TemplateURL: )(\w+)/template\.yaml$", re.MULTILINE)
ARCHITECTURE: Final = re.compile(
    r"^(  Architecture:\n(?:    .*\n)*?    Default: )\w+$", re.MULTILINE
)
README: Final = """\
Scorecast {version} for {architecture}. With the SAM command line and AWS credentials:

    sam deploy --guided --template-file template.yaml --stack-name scorecast \\
        --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND

`JwtSecretArn`, among the outputs, is the secret that signs tokens.
"""


def package(built: Path, archive: Path, *, version: str, architecture: str) -> None:
    """Pack what `sam build` has left beside its template."""
    template = (built / "template.yaml").read_text()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        _add(out, "README.txt", README.format(version=version, architecture=architecture).encode())
        _add(out, "LICENSE", (ROOT / "LICENSE").read_bytes())
        _add(out, "template.yaml", _portable(template, architecture).encode())
        for _, name in NESTED.findall(template):
            _add(out, f"{name.lower()}.yaml", (built / name / "template.yaml").read_bytes())
        _add(out, "functions.zip", _zip(built / "ApiFunction"))
        _add(out, "layer.zip", _zip(built / "CoreLayer"))


def _portable(template: str, architecture: str) -> str:
    """Every function has the same code, so one zip serves them all."""
    template, functions = FUNCTION.subn(r"\1functions.zip", template)
    template, layers = LAYER.subn(r"\1layer.zip", template)
    template, defaults = ARCHITECTURE.subn(rf"\g<1>{architecture}", template)
    if not functions or (layers, defaults) != (1, 1):
        raise ValueError("the built template is not as it was: adapt infra/release")
    return NESTED.sub(lambda found: f"{found[1]}{found[2].lower()}.yaml", template)


def _zip(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            _add(out, str(path.relative_to(folder)), path.read_bytes())
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = 0o755 << 16  # Lambda's user must be able to read and enter everything
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
