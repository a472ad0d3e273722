"""The lookout process: profile, site and watchlist to a running watch loop, with its records about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lapel.alert.body import Body
from lapel.alert.fanout import Fanout
from lapel.alert.officer import HeldAlerts
from lapel.alert.picture import picture_of
from lapel.capture.eye import CapturedEye
from lapel.capture.sources import Wanted, open_source
from lapel.config.profile import Profile
from lapel.config.site import Clips, Gps
from lapel.core.alerted import alert_event
from lapel.core.calibrate import WATCHING
from lapel.core.codes import written_kinds
from lapel.core.cooldown import Cooldown
from lapel.core.listed import Listed
from lapel.core.looks import Looks
from lapel.core.quality import Gate
from lapel.core.tracker import Tracker
from lapel.health.beat import Beat
from lapel.health.clock import SystemClock
from lapel.health.memory import give_back, give_back_at_once
from lapel.health.meters import Meters
from lapel.lookout import Lookout
from lapel.ports import Alerter, Clock, Health, Journal, KeyProvider
from lapel.store.clips import FOLDER, SealedClips
from lapel.store.gallery import open_gallery
from lapel.store.journal import JOURNAL
from lapel.store.set_aside import open_or_begin
from lapel.wiring.answering import Answering, said_before
from lapel.wiring.body import Buttons, capturing
from lapel.wiring.clip_shelf import ClipShelf
from lapel.wiring.clips import clips_kept
from lapel.wiring.clock_jumps import ClockedJournal
from lapel.wiring.cooling import Cooling, longest_apart_s
from lapel.wiring.handover import inbox
from lapel.wiring.kept_before import trusted_before
from lapel.wiring.lease import lease_hours_of, leased
from lapel.wiring.officer_desk import OfficerDesk, officer_desk
from lapel.wiring.outcome import Outcome
from lapel.wiring.own_records import (
    FrameAccount,
    close_account,
    event_of_hit,
    keep,
    recorded,
    signed_often,
    tell_of_left_out,
    tell_of_start,
)
from lapel.wiring.refuted import Refuted
from lapel.wiring.renewal import Changing, decoy_test, renewed
from lapel.wiring.seeing import Seeing, limits_of, open_seeing
from lapel.wiring.settings import new_settings
from lapel.wiring.shift import Shift, begin_shift
from lapel.wiring.shown import alerters, keep_delivery
from lapel.wiring.stamps import stamp_of
from lapel.wiring.tally import TalliedJournal
from lapel.wiring.vitals import terms_of, vitals
from lapel.wiring.whereabouts import followed
from lapel.wiring.withheld import Withheld, asked_of


@dataclass(frozen=True, slots=True)
class Orders:
    """What a watch is asked to do. ``is_live``: pace a file like a camera and take the newest frame;
    otherwise every frame, deterministically. Folders and files are None where nothing is wanted there."""

    source: str
    watchlist: Path
    state: Path
    device: str = "device"
    is_live: bool = True
    quiet_s: float = 30.0
    console: bool = True
    is_silent: bool = False
    lines_file: Path | None = None
    report_folder: Path | None = None
    clips: Clips = field(default_factory=Clips)
    position_grid_m: float = 100.0
    gps: Gps = field(default_factory=Gps)
    lease_hours: float = 0.0
    officer_socket: Path | None = None


def watch(
    profile: Profile,
    orders: Orders,
    list_keys: KeyProvider,
    state_keys: KeyProvider,
    stop: Callable[[], None] = lambda: None,
    shift: Shift | None = None,
    body: Body | None = None,
) -> Outcome:
    """Look at a source until it ends or KeyboardInterrupt, which ``stop`` brings about for a wipe and ``shift`` to
    lock; records start, list, dropped frames and stop around it. ``body`` is told, shows and is heard.

    Raises: MediaError, CameraLost, Refused, StoreError, ConfigError, HardwareError.
    """
    give_back_at_once()
    seeing = open_seeing(profile)
    give_back()  # before the list is opened, so that the two never need room at once
    stamp = stamp_of(orders.watchlist)
    gallery = open_gallery(orders.watchlist, list_keys, seeing.models.describing_sha256)
    clock, is_interrupted = SystemClock(), False
    beat = Beat(clock)
    meters = Meters(beat)
    begun = open_or_begin(orders.state / JOURNAL, state_keys, clock, orders.device, profile.journal.quota_mib)
    with begun.journal as sealed, capturing(meters, body) as capture:
        tallied = TalliedJournal(sealed)
        clocked = ClockedJournal(tallied)
        phone = HeldAlerts(lambda: clock.wall_ns() / 1e9)
        # Under the lock: a second watch must not begin the first one's page anew.
        shown = (orders.console, orders.lines_file, orders.report_folder, not orders.is_live)
        others = (phone if orders.officer_socket else None, body if body and body.can_tell else None)
        alerter = Fanout(alerters(*shown, *others), partial(keep_delivery, clocked))
        if begun.said:
            alerter.notice(begun.said)
        begin_shift(shift, clocked.append, alerter.notice)
        answers, held = said_before(sealed, clock)
        refuted = Refuted(seeing, sealed.picture, clock.today)
        journal = Answering(clocked, answers, held, clock, alerter.notice, refuted.contradicts)
        capture.keep, capture.notice = partial(keep, journal, alerter), alerter.notice
        withheld = Withheld(orders.state, state_keys, alerter.notice, stop, trusted_before(sealed), capture.keep)
        lease = partial(leased, orders.state, state_keys, clock, orders.lease_hours, alerter.notice)
        buttons = Buttons(body, journal, clock, capture, stop)
        lookout = build_lookout(profile, orders, seeing, gallery, journal, alerter, capture, clock, withheld)
        give_back()
        today = partial(withheld.today, clock)
        tell_of_start(alerter.notice, gallery, today(), clock.today())
        eye = lookout.eye
        assert isinstance(eye, CapturedEye)
        buttons.look_again = lookout.look_again
        if orders.is_live:
            apart_s = longest_apart_s(profile.redaction)
            lookout.health = Cooling(capture, lookout.gate, clock, capture.keep, alerter.notice, apart_s, eye.rest)
        frames = FrameAccount(lambda: eye.account, meters.reading)
        lookout.account = frames.event
        lookout.located, lookout.feedback = held, journal
        shelf = ClipShelf(SealedClips(orders.state / FOLDER, state_keys), journal, clock, orders.clips)
        asked = partial(vitals, orders.state, state_keys, clock, sealed, lambda: terms_of(lookout.watchlist))
        desk = OfficerDesk(journal, phone, asked, sealed.picture, clock, lock=shift.lock if shift else None)
        changing = Changing(orders.watchlist, list_keys, stamp) if orders.is_live else None
        try:
            with (
                recorded(
                    journal, alerter, seeing, gallery, orders.source, profile, new_settings(sealed, profile, orders)
                ),
                signed_often(sealed.checkpoint, alerter.notice),
                inbox(orders.state, journal.append, alerter.notice),
                officer_desk(orders.officer_socket, desk, alerter.notice),
                lease(partial(lease_hours_of, lookout)) as lookout.lease,
                followed(orders.gps, orders.position_grid_m, clock, alerter.notice) as where,
            ):
                event_of = partial(event_of_hit, held, where)
                lookout.event_of = partial(event_of, (gallery.terms.list_id, gallery.terms.version))
                asked_of(withheld, gallery)()  # whatever is wrong is said before anything is in view
                try:
                    with (
                        clips_kept(shelf, profile.ring, sealed, alerter.notice, orders.is_live) as lookout.clips,
                        renewed(changing, lookout, seeing, today, event_of, withheld) as lookout.renewals,
                    ):
                        lookout.keep_watch()
                finally:
                    beat.stopping()
                    eye.close()
                    capture.ended()
                    close_account(journal, alerter, frames, lookout.crowd)
        except KeyboardInterrupt:
            is_interrupted = True
    people_max, is_off = lookout.crowd.people_max, bool(capture.stopped_by)
    return Outcome(
        eye.account, meters.reading(), lookout.alerts, people_max, tallied.lost, is_interrupted, is_switched_off=is_off
    )


def build_lookout(
    profile: Profile,
    orders: Orders,
    seeing: Seeing,
    gallery: Listed,
    journal: Journal,
    alerter: Alerter,
    health: Health,
    clock: Clock,
    withheld: Withheld | None = None,
) -> Lookout:
    """The watch loop over a source, every part real. Raises: MediaError, CameraLost, UsageError."""
    camera = profile.camera
    source = open_source(
        orders.source,
        Wanted(camera.width_px, camera.height_px, camera.fps, camera.exposure_us),
        clock=clock if orders.is_live else None,
    )
    if not source.is_moving:
        seeing = seeing.without_turns()
    if written_kinds(gallery.codes):
        seeing = seeing.with_plates_destroyed()
    eye = CapturedEye(
        source,
        seeing.finders,
        clock,
        notice=alerter.notice,
        health=health,
        hold_frames=profile.redaction.hold_frames,
        delay_frames=profile.redaction.delay_frames,
        late_s=profile.redaction.late_ms / 1000,
    )
    terms = (gallery.terms.list_id, gallery.terms.version)
    limits, today = limits_of(profile), clock.today if withheld is None else partial(withheld.today, clock)
    left_out = partial(tell_of_left_out, journal, alerter)
    return Lookout(
        eye,
        seeing.proposing(profile.gate, health),
        Tracker(),
        Gate(limits),
        seeing.recall(gallery, WATCHING, today, alerter.notice, left_out, asked_of(withheld, gallery)),
        seeing.code_reader(gallery.codes),
        Cooldown(orders.quiet_s),
        journal,
        alerter,
        health,
        lambda hit: alert_event(hit, terms, picture_of(hit)),
        # Three at the scene must be able to agree, however seldom a small board takes one.
        Looks(scene_memory_s=max(2.0, 3.5 * limits.scene_every_s)),
        decoy_test(gallery),
    )
