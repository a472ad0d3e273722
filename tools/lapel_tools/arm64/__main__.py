"""``python -m lapel_tools.arm64``: what tools/test-arm64 gives an emulated board, and how it judges what comes back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lapel.errors import LapelError
from lapel_tools.arm64.compare import LEAST_COSINE, compared
from lapel_tools.arm64.prepare import prepare


def main() -> int:
    """Prepare a folder or judge it; returns the exit code: 1 where the machines differ."""
    parser = argparse.ArgumentParser(prog="python -m lapel_tools.arm64", description=__doc__)
    parser.add_argument("what", choices=("prepare", "compare"))
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--side", choices=tuple(LEAST_COSINE), default="board", help="whose files are compared")
    args = parser.parse_args()
    try:
        if args.what == "prepare":
            prepare(args.folder)
            return 0
        agree = True
        for verdict in compared(args.folder, args.side):
            print(f"{'fine   ' if verdict.agrees else 'FINDING'}  {verdict.name}: {verdict.said}")
            agree = agree and verdict.agrees
        return 0 if agree else 1
    except (LapelError, OSError) as error:
        print(f"arm64: {error}", file=sys.stderr)
        return error.exit_code if isinstance(error, LapelError) else 4


if __name__ == "__main__":
    sys.exit(main())
