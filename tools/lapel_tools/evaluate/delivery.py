"""How a long list travels: ``python -m lapel_tools.evaluate.delivery --rows 300000``.

Two of three administrators publish a made-up list; it is pushed to mosquitto over TLS, and ``lapel link`` takes it, a
process of its own. On its way the connection is cut twice and the process killed once. Then a version with some changed
entries follows, and a withdrawal. One JSON object says what travelled, what of it twice, and how long it took.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from lapel_tools.cli.administrator import now
from lapel_tools.delivery.contents import contents_of
from lapel_tools.delivery.pushing import Pushed, push
from lapel_tools.evaluate.delta import Drawn
from lapel_tools.evaluate.drawn_authority import LIST_ID, Issue
from lapel_tools.evaluate.drawn_site import SITE, DrawnSite, drawn_site
from lapel_tools.progress import BarOnStderr

_CUTS = (0.2, 0.45)
_KILL = 0.7
"""Where on its way the first version is cut off and its taker killed: shares of its bytes."""
WITHDRAWN = "thing-7"


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Seconds from the beginning of its push until the push ended, a watch that looks every quarter of a second would
    withhold the entry, and the station has the device's record of it."""

    pushed_s: float
    withheld_s: float
    at_station_s: float


@dataclass(frozen=True, slots=True)
class Travelled:
    """What was measured. ``first`` is the first version with its cuts, until it was applied, ``delta`` the next one,
    from the end of its push; ``twice`` counts pieces that came although they were there."""

    rows: int
    pieces: int
    bytes: int
    push_s: float
    cuts: int
    kills: int
    first_s: float
    first_pieces: int
    twice: int
    changed: int
    delta_pieces: int
    delta_bytes: int
    delta_share: float
    delta_s: float
    withdrawal: Withdrawal
    link_peak_mib: int
    broker_mib: int


def measured(site: DrawnSite, drawn: Drawn, changed: int) -> Travelled:
    """Publish, cut, change, withdraw."""
    issue, pack_s = _timed(lambda: site.authority.publish(drawn))
    _say(f"packed {issue.pieces} pieces, {issue.bytes >> 20} MiB, and signed by two in {pack_s:.0f} s")
    pushed, push_s = _timed(lambda: _push(site))
    _say(f"pushed in {push_s:.0f} s")
    (pieces, twice), first_s = _timed(lambda: _taken_with_cuts(site, issue))
    _say(f"applied after {first_s:.0f} s, {twice} pieces twice")
    site.authority.publish(replace(drawn, changed=changed))
    before = site.pulled()
    delta, _ = _timed(lambda: _push(site))
    _, delta_s = _timed(lambda: site.wait_for("list_applied", 2))
    site.wait_for("settled", 2)
    moved_pieces, moved_bytes = (after - was for after, was in zip(site.pulled(), before, strict=True))
    _say(f"delta of {delta.sent} pieces applied {delta_s:.0f} s after its push")
    withdrawal = _withdrawn(site)
    return Travelled(
        rows=drawn.rows,
        pieces=pushed.sent,
        bytes=pushed.sent_bytes,
        push_s=push_s,
        cuts=len(_CUTS),
        kills=1,
        first_s=first_s,
        first_pieces=pieces,
        twice=twice,
        changed=changed,
        delta_pieces=moved_pieces,
        delta_bytes=moved_bytes,
        delta_share=round(moved_bytes / pushed.sent_bytes, 4),
        delta_s=delta_s,
        withdrawal=withdrawal,
        link_peak_mib=site.link_peak_mib(),
        broker_mib=site.broker_mib(),
    )


def _taken_with_cuts(site: DrawnSite, issue: Issue) -> tuple[int, int]:
    """How many pieces the first version has on the device, and how many came although they were there."""
    site.start_link()
    for share in _CUTS:
        site.wait_until(partial(site.has_carried, share * issue.bytes))
        heard = site.count("pulled")
        site.way.cut()
        site.wait_for("pulled", heard + 1)
        came, kept = site.pulled()[0], site.kept()
        _say(f"cut after {site.way.carried >> 20} MiB, {kept} pieces kept")
    twice = came - kept
    site.wait_until(partial(site.has_carried, _KILL * issue.bytes))
    site.kill_link()
    kept = site.kept()
    _say(f"killed with {kept} pieces kept")
    site.start_link()
    site.wait_for("list_applied", 1)
    site.wait_for("settled", 1)
    return site.kept(), twice + site.pulled()[0] - (site.kept() - kept)


def _withdrawn(site: DrawnSite) -> Withdrawal:
    site.authority.withdraw(WITHDRAWN)
    begun = time.monotonic()
    with site.watching(LIST_ID, 2, WITHDRAWN) as withheld:
        _push(site)
        pushed = time.monotonic()
        site.wait_until(lambda: bool(withheld))
        site.wait_until(site.station_has_withdrawal)
    return Withdrawal(*(round(at - begun, 2) for at in (pushed, withheld[0], time.monotonic())))


def _push(site: DrawnSite) -> Pushed:
    contents = contents_of(site.authority.folder.public, now())
    return push(site.publisher(), SITE, contents, site.ledger, BarOnStderr())


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begun = time.monotonic()
    return work(), round(time.monotonic() - begun, 1)


def _say(text: str) -> None:
    print(f"delivery: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(
        prog="python -m lapel_tools.evaluate.delivery",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=10_000, metavar="N", help="entries (default %(default)s)")
    parser.add_argument("--changed", type=int, default=1000, metavar="N", help="of them changed (default %(default)s)")
    parser.add_argument("--picture-bytes", type=int, default=300, metavar="N", help="a picture (default %(default)s)")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="an empty folder on a large disk (default: a new one)")
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lapel-delivery-", dir=args.dir) as folder,
        drawn_site(Path(folder)) as site,
    ):
        drawn = Drawn(args.rows, args.picture_bytes, created=now().date())
        found = measured(site, drawn, args.changed)
    print(json.dumps(asdict(found) | {"picture_bytes": args.picture_bytes}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
