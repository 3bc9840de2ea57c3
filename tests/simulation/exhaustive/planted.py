"""The explorer is checked: in which scenario each planted bug shows.

`python -m tests.simulation.exhaustive.planted` plants each of them, in a process of its own. What
is not listed shows only among more invocations, or is repaired by the next sweep.
"""

import subprocess
import sys
from typing import Final

PLANTED: Final = {
    "one_connection_too_many": "connect + connect",
    "no_tombstone": "connect + disconnect",
    "release_forgets_the_user": "disconnect + disconnect",
    "release_leaves_no_room": "disconnect + subscribe",
    "one_viewer_too_many": "subscribe + subscribe",
    "leaving_twice_counts_twice": "unsubscribe + unsubscribe",
    "leaving_counts_what_is_closed": "unsubscribe + probe",
    "snapshot_before_membership": "subscribe + flush",
    "a_lost_welcome_is_ignored": "connect + welcome",
    "scores_after_the_end": "score + complete",
    "claim_keeps_the_window": "score + flush",
    "decision_overlooks_scores": "score + complete",
    "published_before_it_is_stored": "complete + flush",
    "counting_is_sent_again": "subscribe + unsubscribe",
    "late_scores_pass": "score + score",
    "windows_share_an_id": "score + flush",
    "nothing_is_rescued": "score + sweep",
    "silence_is_not_looked_at_again": "unsubscribe + sweep",
}


def _is_found(mutation: str) -> bool:
    command = [sys.executable, "-m", "tests.simulation.exhaustive", "--processes", "1"]
    command += ["--traces", "0", "--mutation", mutation, "--scenario", PLANTED[mutation]]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = run.stdout.splitlines() or run.stderr.splitlines()
    print(f"{mutation}: {lines[-1]}, {PLANTED[mutation]}", flush=True)
    return run.returncode == 1 and bool(run.stdout)


def main() -> int:
    wanted = sys.argv[1:] or list(PLANTED)
    survivors = [mutation for mutation in wanted if not _is_found(mutation)]
    print(f"{len(wanted) - len(survivors)} of {len(wanted)} were found", *survivors)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
