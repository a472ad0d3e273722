"""The ``lapel-admin`` command: what an administrator does at the bench and the station."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lapel.cli.main import Program, run_program

LAPEL_ADMIN = Program(
    name="lapel-admin",
    distribution="lapel-tools",
    promise=(
        "Lists things for Lapel to look out for, never people; signs and publishes lists;\n"
        "measures how well things are found; receives what the devices record."
    ),
    commands={
        "enrol": "lapel_tools.cli.enrol",
        "watchlist": "lapel_tools.cli.watchlist",
        "calibrate": "lapel_tools.cli.calibrate",
        "hazards": "lapel_tools.cli.hazards",
        "authority": "lapel_tools.cli.authority",
        "device": "lapel_tools.cli.device",
        "propose": "lapel_tools.cli.propose",
        "sign": "lapel_tools.cli.sign",
        "publish": "lapel_tools.cli.publish",
        "push": "lapel_tools.cli.push",
        "withdraw": "lapel_tools.cli.withdraw",
        "wipe": "lapel_tools.cli.wipe",
        "evaluate": "lapel_tools.cli.evaluate",
        "bench": "lapel_tools.cli.bench",
        "station": "lapel_tools.cli.station",
        "fleet": "lapel_tools.cli.fleet",
        "console": "lapel_tools.cli.console",
        "report": "lapel_tools.cli.report",
        "pack": "lapel_tools.cli.pack",
        "audit": "lapel_tools.cli.audit",
        "broker": "lapel_tools.cli.broker",
    },
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``lapel-admin``; returns the exit code."""
    return run_program(LAPEL_ADMIN, sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
