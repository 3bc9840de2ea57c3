"""What the verification has made is ended, and taken back where the service can."""

from typing import Final

from scorecast_client.verify.check import Checks
from scorecast_client.verify.run import Run

checks: Final = Checks()


@checks.add("clean up", fact="A consistent read sees the writes before it.")
def clean_up(run: Run) -> str:
    return run.clean_up()
