"""`make test` also passes where it is started with interrupts ignored."""

import signal
import subprocess
import sys

from infra.local.paths import ROOT

PRINT_SIGINT = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"


def test_a_child_can_be_interrupted_where_the_tests_run_with_interrupts_ignored() -> None:
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {PRINT_SIGINT!r}])"
    program = f"import tests.conftest\n{child}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"
