"""``lapel-admin publish``: makes a signed proposal what devices get, or renews what they have."""

from __future__ import annotations

import argparse
import json

from lapel.store.choosing import LISTS
from lapel.store.releases import releases_in
from lapel_tools.authority.proposal import read_proposal
from lapel_tools.authority.publish import publish, renew
from lapel_tools.authority.roles import TIMESTAMP_DAYS
from lapel_tools.cli.administrator import add_folder_option, folder_from, now

HELP = "publish a proposal that enough administrators signed"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Publish the proposal that waits, on the machine that holds the online key: DIR/public is then what devices "
        "take. Without enough signatures nothing is published (exit 5). What is published has to be renewed (--renew) "
        "before its timestamp ends, daily for example: devices refuse an old one, since it may hide a newer."
    )
    add_folder_option(parser)
    parser.add_argument("--json", action="store_true", help="print what devices take now as JSON")
    parser.add_argument("--renew", action="store_true", help="say again that what is published is the newest")
    parser.add_argument(
        "--timestamp-days",
        type=int,
        default=TIMESTAMP_DAYS,
        metavar="N",
        help="for how long devices take it as the newest (default %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Do it. Raises: UsageError, ConfigError, Refused, StoreError."""
    authority = folder_from(args)
    with authority.alone():
        if args.renew:
            renew(authority, now(), args.timestamp_days)
        else:
            publish(authority, read_proposal(authority), now(), args.timestamp_days)
        current = authority.current()
    timestamp, targets = current.timestamp.signed, current.targets.signed
    if args.json:
        said = {
            "version": timestamp.version,
            "expires": timestamp.expires.isoformat(),
            "lists": sorted(path for path in targets.targets if path.startswith(LISTS)),
            "software": [str(each) for each in releases_in(targets)],
        }
        print(json.dumps(said, ensure_ascii=False))
        return 0
    print(
        f"{authority.public.path}: published, version {timestamp.version}, until {timestamp.expires:%Y-%m-%d %H:%M} UTC"
    )
    return 0
