"""``lapel-admin push``: puts what is published on the broker, from which a site's devices take it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from lapel.cli.endpoint import add_broker_options, endpoint_from
from lapel.errors import UsageError
from lapel.link.topics import checked_name
from lapel.store.published import PublishedFolder
from lapel_tools.cli.administrator import now
from lapel_tools.delivery.contents import contents_of
from lapel_tools.delivery.pushing import push
from lapel_tools.progress import BarOnStderr

HELP = "put what is published on the broker, for a site's devices to take"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Push what is published (DIR/public) to a site's broker over MQTT 5 with mutual TLS, as retained messages: the "
        "pieces that the broker lacks first, then what is the newest, and after that older pieces off it. Devices take "
        "it by lapel link: withdrawals within a second, of a list what they lack. Run it after every publish, publish "
        "--renew, withdraw and wipe; nothing has to be signed for it, and a cut-off push goes on where it was when it "
        "is run again. What was sent is written down in DIR/pushed-SITE.jsonl. The certificate is the publisher's "
        "(common name publisher): nobody else may write lists."
    )
    parser.add_argument(
        "--dir", type=Path, required=True, metavar="DIR", help="the authority's folder, or a copy of its public"
    )
    add_broker_options(parser)
    parser.add_argument("--json", action="store_true", help="say what was pushed as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises: UsageError, ConfigError, Refused, BrokerUnreachable, StoreError."""
    folder = args.dir if (args.dir / "metadata").is_dir() else args.dir / "public"
    if not (folder / "metadata").is_dir():
        raise UsageError(f"--dir {args.dir}: holds nothing published; give the authority's folder, or its public")
    if not args.site_name:
        raise UsageError("--site-name: missing; name the site whose devices are to take it")
    site = checked_name("site", args.site_name)
    contents = contents_of(PublishedFolder(folder), now())
    pushed = push(endpoint_from(args), site, contents, args.dir / f"pushed-{site}.jsonl", BarOnStderr())
    if args.json:
        print(json.dumps(asdict(pushed) | {"site": site, "timestamp": contents.timestamp}))
    else:
        print(
            f"{args.broker}: site {site} has version {contents.timestamp}: {pushed.sent} pieces sent "
            f"({pushed.sent_bytes:,} bytes), {pushed.there} were there, {pushed.removed} older ones removed"
        )
    return 0
