"""``lapel-admin broker``: a local broker with test certificates, in one command."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from lapel.cli.endpoint import DEFAULT_PORT
from lapel.errors import BrokerUnreachable
from lapel.link.topics import PUBLISHER, STATION
from lapel_tools.broker.mosquitto import ADDRESS, BrokerFolder, prepare, start
from lapel_tools.station.running import running

NAME = "broker"
HELP = "run a local broker with test certificates"
_DEVICE = "device"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Makes an authority and certificates for a broker, a station and devices, and runs mosquitto with them on this "
        "machine's loopback. For trying and for tests only."
    )
    parser.add_argument("--dir", type=Path, required=True, metavar="DIR", help="where certificates and settings go")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, metavar="N", help="0 takes a free one (default %(default)s)"
    )
    parser.add_argument("--site-name", default="trial", metavar="NAME", help="the site (default %(default)s)")
    parser.add_argument(
        "--device",
        action="append",
        metavar="NAME",
        help="a device to make a certificate for; may be repeated (default device)",
    )
    parser.add_argument("--prepare-only", action="store_true", help="write the files, run nothing")


def run(args: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    devices = tuple(args.device or (_DEVICE,))
    broker = prepare(args.dir, args.site_name, devices, args.port)
    _explain(broker, devices)
    if args.prepare_only:
        return 0
    with running(start(broker)) as child:
        # Whoever stops this command stops the broker with it.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: child.terminate())
        print(f"mosquitto listens on {ADDRESS}:{broker.port}; Ctrl-C stops it", flush=True)
        code = child.wait()
    if code > 0:
        raise BrokerUnreachable(f"{broker.config}: mosquitto ended with code {code}; its own lines above say why")
    return 0


def _explain(broker: BrokerFolder, devices: tuple[str, ...]) -> None:
    print(
        f"{broker.authority.folder}: TEST certificates, for trying and for tests only: the authority's private key lies"
    )
    print("beside them, so whoever reads this folder can be any device. A fleet's come from its own authority.")
    print("station:  lapel-admin station --db station.db", *broker.options(STATION))
    print("lists:    lapel-admin push --dir DIR", *broker.options(PUBLISHER))
    print("device:   lapel link --state DIR", *broker.options(devices[0]), f"--device {devices[0]}", flush=True)
