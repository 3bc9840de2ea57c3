"""Compiles the output of `sam build`, so that no cold start has to.

A function can write neither to its own folder nor to its layers: without bytecode beside it, every
cold start compiles all that it imports. Other versions of Python ignore the bytecode.
"""

import compileall
import sys
from pathlib import Path
from py_compile import PycInvalidationMode


def compile_built(built: Path) -> bool:
    """Compile each function and layer beside the built template; False if something does not.

    The bytecode does not depend on the timestamp of its source, which archives and uploads change,
    and contains no path of the machine that built it.
    """
    folders = [each for each in sorted(built.iterdir()) if each.is_dir()]
    return all(
        compileall.compile_dir(
            folder,
            maxlevels=50,
            stripdir=built,
            quiet=1,
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )
        for folder in folders
    )


if __name__ == "__main__":
    sys.exit(0 if compile_built(Path(sys.argv[1])) else "the bytecode could not be made")
