"""``lapel gps``: the GPS relay, and what it says."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

from lapel.config.site import Site, load_site
from lapel.errors import ConfigError

NAME = "gps"
HELP = "relay the GPS receiver's last fix to the lookout"
FINE, FINDING = 0, 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Hears gpsd on this device (gps.port of the site file) and tells the lookout, which has no network, the last "
        "fix, its age and its accuracy, at the local socket gps.socket: the lookout's user and root, nobody else.\n\n"
        "With --ask it shows what the relay that runs says, its position as coarse as the site keeps it; exit 1 where "
        "gpsd or the receiver is silent. A hit without a fix is a hit."
    )
    parser.add_argument("--site", type=Path, required=True, metavar="FILE", help="site file with [gps]")
    parser.add_argument("--ask", action="store_true", help="show what the relay says now")
    parser.add_argument("--json", action="store_true", help="show it as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    site = load_site(args.site)
    if site.gps.socket is None:
        raise ConfigError(f'{args.site}: gps.socket: missing; write socket = "/run/lapel-gps/fix.sock" under [gps]')
    if args.ask:
        return _ask(site, site.gps.socket, args.json)
    from signal import SIGINT, SIGTERM, signal
    from threading import Event

    from lapel.health.beat import Beat
    from lapel.health.clock import SystemClock
    from lapel.wiring.gps import serve

    stop, beat = Event(), Beat(SystemClock())
    for number in (SIGTERM, SIGINT):
        signal(number, lambda *_: stop.set())
    serve(site.gps.socket, site.gps.port, site.state.folder, beat, stop)
    beat.stopping()
    return FINE


def _ask(site: Site, socket: Path, as_json: bool) -> int:
    from lapel.core.position import rounded
    from lapel.wiring.whereabouts import how_it_is, told

    said, coarse = told(socket), None
    if said.fix is not None:
        coarse = rounded(said.fix.position, site.privacy.position_grid_m)
        said = replace(said, fix=replace(said.fix, position=coarse))
    if as_json:
        print(json.dumps(asdict(said)))
    else:
        place = f", kept as {coarse.latitude_deg}, {coarse.longitude_deg}" if coarse else ""
        print(f"{how_it_is(said)}{place}")
        print("lines: " + ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in said.counts.items()))
        if said.trouble:
            print(said.trouble)
    return FINDING if said.trouble else FINE
