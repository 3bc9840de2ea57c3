"""The programs that the local cloud is made of, and the environment that they run in."""

import ctypes
import os
import signal
from pathlib import Path
from typing import Any, Final

from localstack_client.session import Session

from infra.local.errors import LocalError
from infra.local.paths import LOCAL, ROOT

REGION: Final = "us-east-1"
ACCESS_KEY: Final = "test"
PR_SET_PDEATHSIG: Final = 1
"""prctl(2) of Linux: the signal that a process gets when its parent ends."""

UV: Final = LOCAL / "uv" / "bin" / "uv"
SAM: Final = LOCAL / "sam" / "bin" / "sam"
MINISTACK: Final = LOCAL / "cloud" / "bin" / "ministack"
NPM: Final = ROOT / ".venv" / "bin" / "npm"


def require(tool: Path) -> str:
    if not tool.exists():
        raise LocalError(f"{tool.name} is missing: run infra/bootstrap, which installs it.")
    return str(tool)


def end_with_the_parent() -> None:
    """For a new process to call: it is then killed when its parent ends, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def aws_environ(endpoint_url: str) -> dict[str, str]:
    """This process's environment, with nothing of the person's own AWS account in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def client(service: str, endpoint_url: str) -> Any:
    session = Session(
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=ACCESS_KEY,
        region_name=REGION,
        localstack_host=endpoint_url.removeprefix("http://"),
    )
    return session.client(service)
