"""lapel replay: look at every frame of a recording, with the same result each time."""

from __future__ import annotations

import argparse

from lapel.cli import watching
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
    """Look until the recording ends."""
    forbid_network()
    from lapel.wiring.lookout import watch

    profile, orders, list_keys, state_keys = watching.orders_from(args, is_live=False)
    watching.tell(watch(profile, orders, list_keys, state_keys), args.json)
    return 0
