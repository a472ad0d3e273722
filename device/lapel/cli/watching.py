"""What ``lapel run`` and ``lapel replay`` share: their options, and how they report."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from lapel.alert.body import Body
from lapel.alert.notices import NoticesOnly
from lapel.cli.keys import add_key_options, add_state_option, is_unlocked_by_phone, key_file_of, keys_from
from lapel.cli.main import HARDWARE, LOCKED
from lapel.config.profile import Pins, Profile, load_profile, shipped_profiles
from lapel.config.site import LONGEST_QUIET_S, PHONE, Clips, Gps, Privacy, Site, load_site
from lapel.core.cooldown import QUIET_S
from lapel.errors import UsageError
from lapel.health.clock import SystemClock
from lapel.ports import KeyProvider
from lapel.store.atomic import disk_error
from lapel.store.keys import FileKey, PassphraseKey
from lapel.store.wiping import refuse_wiped
from lapel.wiring.body import body_of
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.ordered_wipe import obey_order
from lapel.wiring.outcome import Outcome
from lapel.wiring.shift import Closed, Shift, unlocked
from lapel.wiring.unlisted import await_list, can_come


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a watch."""
    parser.add_argument("source", nargs="?", help="video file, folder of pictures, uvc:0, rtsp://… or picamera:0")
    parser.add_argument("--watchlist", type=Path, metavar="FILE", help="sealed watchlist (default: the site's)")
    parser.add_argument(
        "--profile",
        default="ci-video",
        metavar="NAME|FILE",
        help=f"what the hardware can bear: {', '.join(shipped_profiles())} (default ci-video)",
    )
    parser.add_argument("--site", type=Path, metavar="FILE", help="what is wanted here; options given beside it win")
    parser.add_argument("--alerts", type=Path, metavar="FILE", help="append one JSON object an alert")
    parser.add_argument("--report", type=Path, metavar="DIR", help="keep a page with pictures of the alerts")
    parser.add_argument("--quiet-s", type=float, default=None, metavar="S", help="seconds an alerted entry stays quiet")
    parser.add_argument(
        "--json", action="store_true", help="print the outcome as JSON, and alerts nowhere else than where asked"
    )
    add_state_option(parser, default=None)
    add_key_options(parser)


def watched(args: argparse.Namespace, is_live: bool) -> Outcome:
    """Watch as the options say, until the source ends or somebody stops it: by Ctrl-C, or SIGTERM as systemd does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    profile, orders, site = orders_from(args, is_live)
    notice = NoticesOnly(sys.stderr).notice
    pins = profile.pins if is_live else Pins()
    # First of all, and one body throughout: whoever wears it is heard while it is locked, waits for a list, and loads
    # models and list, which takes a small board a while.
    with (
        body_of(pins, orders.is_silent, SystemClock(), _stop) as body,
        _opened(args, orders, site, notice, body) as (keys, shift),
    ):
        # No button stops a wipe, which waits for other programs: its unit would not start again to go on with it.
        deafen = partial(_deafen, body)
        obey_order(orders.state, keys, key_file_of(args), begins=deafen)
        await_list(orders.watchlist, orders.state, keys, orders.officer_socket, body, notice)
        try:
            outcome = watch(profile, orders, list_keys(site, keys), keys, _stop, shift, body)
        finally:
            deafen()  # an order may be what ended it
            obey_order(orders.state, keys, key_file_of(args))
    return replace(outcome, is_locked=shift is not None and shift.is_locked)


@contextmanager
def _opened(
    args: argparse.Namespace, orders: Orders, site: Site | None, notice: Callable[[str], None], body: Body | None
) -> Iterator[tuple[KeyProvider, Shift | None]]:
    """What opens the state, once somebody gave it; a shift where the device's phone does."""
    if not is_unlocked_by_phone(args, site):
        yield keys_from(args, create=True), None
        return
    if not orders.is_live or orders.officer_socket is None:
        raise UsageError('state.unlock = "phone": what opens this device is not on it; give --passphrase-file')
    closed = Closed(orders.state, orders.watchlist, orders.device, orders.officer_socket, body)
    with unlocked(closed, notice, _stop) as shift:
        yield shift.keys, shift


def _deafen(body: Body | None) -> None:
    """From now on no gesture does anything."""
    if body is not None:
        body.heard = lambda gesture: None


def _stop() -> None:
    """As systemd does it: the signal wakes the main thread wherever it waits."""
    ident = threading.main_thread().ident
    assert ident is not None
    signal.pthread_kill(ident, signal.SIGTERM)


def orders_from(args: argparse.Namespace, is_live: bool) -> tuple[Profile, Orders, Site | None]:
    """Profile, orders, and the site where one was named. Raises: UsageError, ConfigError."""
    profile = load_profile(args.profile)
    site = load_site(args.site) if args.site else None
    state: Path | None = args.state or (site.state.folder if site else None)
    watchlist: Path | None = args.watchlist or (site.watchlist.file if site else None)
    source = args.source or profile.camera.source
    for value, what, remedy in (
        (state, "state folder", "--state DIR or --site FILE"),
        (watchlist, "watchlist", "--watchlist FILE or --site FILE"),
        (source, "source", "a video file, or a profile with a camera"),
    ):
        if not value:
            raise UsageError(f"no {what} was named; give {remedy}")
    assert state is not None
    assert watchlist is not None
    refuse_wiped(state)
    # Its link fetches one; where the phone unlocks it, once it is unlocked.
    is_awaited = is_live and site is not None and (site.state.unlock == PHONE or can_come(watchlist, state))
    if not watchlist.is_file() and not is_awaited:
        raise UsageError(f"{watchlist}: there is no such watchlist; make one with lapel-admin enrol")
    if args.quiet_s is not None and not 0 <= args.quiet_s <= LONGEST_QUIET_S:
        raise UsageError(
            f"--quiet-s {args.quiet_s:g}: not from 0 to {LONGEST_QUIET_S} seconds; {QUIET_S:.0f} is the usual"
        )
    _make_folder(state)
    args.state = state
    alerts = site.alerts if site else None
    orders = Orders(
        source,
        watchlist,
        state,
        device=site.device.name if site else "device",
        is_live=is_live,
        quiet_s=args.quiet_s if args.quiet_s is not None else (alerts.quiet_s if alerts else QUIET_S),
        console=not args.json and (alerts.console if alerts else True),
        lines_file=args.alerts or (alerts.lines_file if alerts else None),
        position_grid_m=(site.privacy if site else Privacy()).position_grid_m,
        gps=site.gps if site else Gps(),
        is_silent=alerts.silent if alerts else False,
        report_folder=args.report or (alerts.report_folder if alerts else None),
        clips=site.clips if site else Clips(),
        lease_hours=site.watchlist.lease_hours if site else 0.0,
        # A replay is another watch than the one whose alerts the officer's phone shows.
        officer_socket=site.companion.socket if is_live and site and site.companion.address else None,
    )
    return profile, orders, site


def _make_folder(state: Path) -> None:
    if state.exists() and not state.is_dir():
        raise UsageError(f"{state}: is a file; name the folder of the state files by --state")
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(state, error) from error


def list_keys(site: Site | None, keys: KeyProvider) -> KeyProvider:
    """What opens the watchlist: the site's own key where it names one, else what opens the state."""
    return site_list_keys(site) or keys


def site_list_keys(site: Site | None) -> KeyProvider | None:
    """The key that a site names for its watchlist, if it does."""
    if site is not None and site.watchlist.key_file is not None:
        return FileKey(site.watchlist.key_file)
    if site is not None and site.watchlist.passphrase_file is not None:
        return PassphraseKey.from_file(site.watchlist.passphrase_file)
    return None


def code_of(outcome: Outcome) -> int:
    """What a watch exits with: hardware where its records were not kept, for then what it told is all that there is;
    once it was locked whoever started it is to start it again. Switched off by hand it ended well, whatever was not
    kept: its unit starts every other one again."""
    if outcome.is_switched_off:
        return 0
    return LOCKED if outcome.is_locked else HARDWARE if outcome.unrecorded else 0


def tell(outcome: Outcome, as_json: bool) -> None:
    """Print how the watch went: frames and what became of them, and how long each stage took."""
    account, reading = outcome.account, outcome.reading
    if as_json:
        print(json.dumps(asdict(outcome), sort_keys=True))
        return
    share = account.dropped / account.seen if account.seen else 0.0
    print(
        f"lapel: {account.seen} frames, {account.passed} looked at, {account.dropped} dropped ({share:.1%}; "
        f"{account.overtaken} overtaken by newer ones, {account.unredactable} could not be redacted, "
        f"{account.late} were redacted too late, {account.stopped} waited at the stop); "
        f"{outcome.alerts} alert{'' if outcome.alerts == 1 else 's'}; at most {outcome.people_max} people in a frame",
        file=sys.stderr,
    )
    stages = ", ".join(f"{s.stage} {s.p50_ms:.1f}/{s.p95_ms:.1f} (×{s.count})" for s in reading.stages)
    raw = reading.raw_ages
    print(
        f"lapel: ms p50/p95: {stages}; raw pixels overwritten after {raw.p50_ms:.0f}, at most {raw.max_ms:.0f} ms; "
        f"peak memory {reading.peak_rss_mib:.0f} MiB",
        file=sys.stderr,
    )
    if outcome.unrecorded:
        records = "1 record was" if outcome.unrecorded == 1 else f"{outcome.unrecorded} records were"
        print(f"lapel: {records} NOT RECORDED; the lines above say why, and what to do", file=sys.stderr)
