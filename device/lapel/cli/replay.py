"""lapel replay: look at every frame of a recording, with the same result each time."""

from __future__ import annotations

import argparse

from lapel.cli import watching
from lapel.cli.main import INTERRUPTED
from lapel.wiring.memory_walls import forbid_dumps, keep_out_of_swap
from lapel.wiring.walls import forbid_network

HELP = "look at every frame of a recording, as fast as it goes"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Looks at every frame of a video file or folder of pictures with the loop of `lapel run`, deterministically: "
        "times are the recording's own. Records and alerts are kept as in a watch."
    )
    watching.configure(parser)


def run(args: argparse.Namespace) -> int:
    """Look until the recording ends; stopped before, it has not looked at every frame, and says so by its exit code."""
    forbid_network()
    forbid_dumps()
    keep_out_of_swap()
    outcome = watching.watched(args, is_live=False)
    watching.tell(outcome, args.json)
    return watching.code_of(outcome) or (INTERRUPTED if outcome.is_interrupted else 0)
