"""``lapel companion``: the officer's page on the paired phone, in a process of its own."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from lapel.config.site import load_site

NAME = "companion"
HELP = "serve the officer's page to the paired phone, or pair one"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Serves the page on which the officer sees one alert at a time and says: it is, it is not, not sure. It is "
        "bound to companion.address of the site file alone, by TLS with a certificate that it makes itself, and asks "
        "the lookout, on a local socket, for what to show: it holds no key of the device.\n\n"
        "With --pair it shows a code for five minutes, and the certificate's fingerprint: whoever opens the address on "
        "his phone, compares the fingerprint and types the code has the one paired phone, for twelve hours."
    )
    parser.add_argument("--site", type=Path, required=True, metavar="FILE", help="site file with [companion]")
    parser.add_argument("--pair", action="store_true", help="show a code of the companion that runs")
    parser.add_argument("--json", action="store_true", help="show it as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    from lapel.health.beat import Beat
    from lapel.health.clock import SystemClock
    from lapel.wiring.companion import invitation, plan_of, serve

    terms = load_site(args.site).companion
    plan = plan_of(terms.address, terms.port, terms.socket, terms.folder)
    if args.pair:
        invited = invitation(plan.folder)
        if args.json:
            print(json.dumps(asdict(invited)))
            return 0
        print(f"On the phone open   {invited.origin}")
        print(f"and type the code   {invited.code[:4]} {invited.code[4:]}   within {invited.seconds / 60:.0f} minutes")
        print(f"Its certificate has the SHA-256 fingerprint\n  {invited.fingerprint}")
        return 0
    beat = Beat(SystemClock())

    def ready() -> None:
        print(f"lapel: the officer's page is at {plan.origin}", flush=True)
        beat()

    serve(plan, ready)
    beat.stopping()
    return 0
