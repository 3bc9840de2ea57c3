"""Plant each bug by itself and run the test that must notice it: `python -m tests.planted [bug …]`.

A test that fails without a bug notices nothing, so all are first run on the code as it is.
"""

import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import batched

from tests.planted.bugs import BUGS, Bug
from tests.planted.workplace import Workplace


def main() -> int:
    bugs = [bug for bug in BUGS if not sys.argv[1:] or bug.name in sys.argv[1:]]
    if not Workplace.make(0).passes(*sorted({bug.test for bug in bugs})):
        print("The tests fail without a bug")
        return 2
    workers = os.cpu_count() or 1
    shares = list(batched(bugs, -(-len(bugs) // workers), strict=False))
    with ThreadPoolExecutor(len(shares)) as pool:
        unnoticed = [
            bug for left in pool.map(_unnoticed, range(len(shares)), shares) for bug in left
        ]
    print(f"{len(bugs) - len(unnoticed)} of {len(bugs)} planted bugs were noticed")
    return 1 if unnoticed else 0


def _unnoticed(number: int, bugs: Iterable[Bug]) -> list[Bug]:
    place, left = Workplace.make(number), list[Bug]()
    for bug in bugs:
        with place.planted(bug):
            if place.passes(bug.test):
                left.append(bug)
                print(f"{bug.name}: not noticed by {bug.test}", flush=True)
    return left


if __name__ == "__main__":
    sys.exit(main())
