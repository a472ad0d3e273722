"""``lapel doctor``: is this device fit for a shift?"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path

from lapel.cli.keys import add_key_options, add_state_option, device_keys
from lapel.cli.watching import list_keys, site_list_keys
from lapel.config.profile import load_profile, shipped_profiles
from lapel.config.site import Site, load_site
from lapel.wiring.doctor import Patient, Verdict, examine
from lapel.wiring.doctor_privacy import examine_privacy

NAME = "doctor"
HELP = "say whether this device is fit for a shift, and what to do where it is not"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Checks every model's file and its answer to a drawn picture against the manifest, then clock, memory, whether "
        "raw pixels are kept out of swap and core dumps, whether the walls of the lookout's unit stand around it, "
        "whether the kernel holds units to their limits of memory, camera, which has to deliver one picture, and, "
        "where they are named, pins, broker, state folder, whether its phone unlocked it, key, the last contact with "
        "the station with what is left of a lease, and the watchlist and its age. "
        "Exit code 1 where there is a finding. With --privacy it also hunts for faces: a film of drawn, marked ones "
        "goes through a watch of its own on this device, and all that this wrote is searched for the marks; the walls "
        "are tried, and kept pictures are looked at for faces."
    )
    parser.add_argument(
        "--profile", default="ci-video", metavar="NAME|FILE", help=f"{', '.join(shipped_profiles())}, or a file"
    )
    parser.add_argument("--site", type=Path, metavar="FILE", help="names broker, state folder, key and watchlist")
    parser.add_argument("--watchlist", type=Path, metavar="FILE", help="sealed watchlist (default: the site's)")
    parser.add_argument("--privacy", action="store_true", help="also hunt for faces (half a minute and more)")
    parser.add_argument("--json", action="store_true", help="print the verdicts as one JSON array")
    add_state_option(parser, default=None)
    add_key_options(parser)


def run(args: argparse.Namespace) -> int:
    """Examine, and print one line a verdict."""
    verdicts = []
    patient = _patient(args)
    for verdict in chain(examine(patient), _privacy(args, patient) if args.privacy else ()):
        verdicts.append(verdict)
        if not args.json:
            print(f"{'fine   ' if verdict.is_fine else 'FINDING'}  {verdict.name}: {verdict.said}", flush=True)
    if args.json:
        print(json.dumps([asdict(verdict) for verdict in verdicts]))
    return 0 if all(verdict.is_fine for verdict in verdicts) else 1


def _privacy(args: argparse.Namespace, patient: Patient) -> Iterator[Verdict]:
    site_options = ("--site", str(args.site.resolve())) if args.site else ()
    profile = Path(args.profile)
    options = ("--profile", str(profile.resolve()) if profile.is_file() else args.profile, *site_options)
    return examine_privacy(patient, options, site_list_keys(load_site(args.site) if args.site else None))


def _patient(args: argparse.Namespace) -> Patient:
    site: Site | None = load_site(args.site) if args.site else None
    args.state = args.state or (site.state.folder if site else None)
    has_key = any((args.state, args.key_file, args.passphrase_file))
    return Patient(
        profile=load_profile(args.profile),
        state=args.state,
        keys=partial(device_keys, args, site) if has_key else None,
        watchlist=args.watchlist or (site.watchlist.file if site else None),
        watchlist_keys=(lambda: list_keys(site, device_keys(args, site))),
        site=site,
    )
