"""lapel run: keep watch over a camera, or over a video file as if it were one."""

from __future__ import annotations

import argparse
import sys

from lapel.cli import watching
from lapel.cli.main import LOCKED
from lapel.errors import DeviceLocked
from lapel.wiring.memory_walls import forbid_dumps, keep_out_of_swap
from lapel.wiring.walls import forbid_network

HELP = "keep watch over a camera (a file is played in real time)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Keeps watch: every frame's faces are destroyed, things are compared with the watchlist, and each possible "
        "match is recorded, then shown. Takes the newest frame; those that it could not look at, or could not redact "
        "in time, are counted. Frames are held back, and alerts come later, by redaction.delay_frames of the profile."
    )
    watching.configure(parser)


def run(args: argparse.Namespace) -> int:
    """Watch until the source ends, Ctrl-C or SIGTERM: being stopped is how a watch over a camera ends."""
    forbid_network()
    forbid_dumps()
    keep_out_of_swap()
    try:
        outcome = watching.watched(args, is_live=True)
    except DeviceLocked as error:
        print(f"lapel: {error}", file=sys.stderr)
        return LOCKED
    watching.tell(outcome, args.json)
    return watching.code_of(outcome)
