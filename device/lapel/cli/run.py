"""lapel run: keep watch over a camera, or over a video file as if it were one."""

from __future__ import annotations

import argparse

from lapel.cli import watching
from lapel.wiring.walls import forbid_network

HELP = "keep watch over a camera (a file is played in real time)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Keeps watch: every frame's faces are destroyed, things are compared with the watchlist, and each possible "
        "match is recorded, then shown. Takes the newest frame; those that it could not look at are counted."
    )
    watching.configure(parser)


def run(args: argparse.Namespace) -> int:
    """Watch until the source ends or Ctrl-C."""
    forbid_network()  # before anything that could be talked into opening a socket is loaded
    from lapel.wiring.lookout import watch

    profile, orders, list_keys, state_keys = watching.orders_from(args, is_live=True)
    watching.tell(watch(profile, orders, list_keys, state_keys), args.json)
    return 0
