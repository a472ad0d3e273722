"""Shows Lapel's whole chain on a real street video, and checks that it worked.

A watchlist of things is enrolled, `lapel replay` looks at every frame, the parked bicycle is alerted, the hit is
recorded and its clip exported, the journal is verified and, where mosquitto is installed, its records are sent to a
station. This shows the chain working, not how often things are found: the listed thing and its sighting come from one
clip.
"""

from __future__ import annotations

import argparse
import difflib
import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lapel.errors import LapelError, UsageError
from lapel.store.keys import FileKey
from lapel_tools.demo import checks
from lapel_tools.demo.checks import Alerted, Check
from lapel_tools.demo.clip import FRAMES, SHOTS
from lapel_tools.demo.commands import beside, program, read, run
from lapel_tools.demo.evidence import FILM, SHEET, exported
from lapel_tools.demo.fetch import clip_path, street_clip
from lapel_tools.demo.listing import BICYCLE, known_ids, shots_of
from lapel_tools.demo.sync import check_sync
from lapel_tools.demo.watchlist import make_watchlist

_MARKS = {True: "[green]pass[/green]", False: "[bold red]FAIL[/bold red]", None: "[yellow]not tried[/yellow]"}
LINES = "alerts.jsonl"
_OURS = (LINES, "report", "state", "sync", "every-hit", "watchlist.lapel", FILM, SHEET)


def main() -> int:
    """Run the demo; 0 only if every check that could be tried passed."""
    args = _arguments()
    started = time.monotonic()
    try:
        results = _demonstrate(args.out.absolute(), args.clip, _known(args.without))
    except LapelError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.exit_code
    _print_results(results)
    failed = sum(check.passed is False for check in results)
    print(f"Page of the alerts: {args.out / 'report' / 'index.html'}")
    if (args.out / FILM).exists():
        print(f"Clip of the bicycle: {args.out / FILM}, at a glance: {args.out / SHEET}")
    print("This shows the chain working, not how often things are found.")
    print(f"demo: {'FAILED' if failed else 'passed'} in {time.monotonic() - started:.1f} s", flush=True)
    return 1 if failed else 0


def _demonstrate(out: Path, clip: Path, without: frozenset[str]) -> tuple[Check, ...]:
    _clear(out)
    state = out / "state"
    state.mkdir(parents=True)
    key_file, watchlist = state / "device.key", out / "watchlist.lapel"
    lines, report, every_hit = out / LINES, out / "report", out / "every-hit"
    with _step("the street clip"):
        street_clip(clip)
    with _step("enrolling what is looked for"):
        today = datetime.now(UTC).date()
        listed = make_watchlist(clip, watchlist, FileKey.create(key_file), without, today)
        print(f"{len(listed.gallery.entries)} things listed", *(f"refused: {why}" for why in listed.refused), sep="\n")
    with _step(f"looking at all {FRAMES} frames"):
        replay = [program("lapel"), "replay", str(clip), "--watchlist", str(watchlist), "--key-file", str(key_file)]
        with beside(_every_hit(replay, every_hit)):
            run([*replay, "--state", str(state), "--alerts", str(lines), "--report", str(report)])
    sealed = ["--state", str(state), "--key-file", str(key_file)]
    alerts, hits = checks.read_alerts(lines), checks.read_alerts(every_hit / LINES)
    with _step("exporting the clip of the bicycle, and purging another"):
        evidence = exported(sealed, ["--state", str(every_hit), "--key-file", str(key_file)], out)
    with _step("verifying the journal"):
        verdict, journalled = _verdict(sealed), _journalled(sealed)
    with _step("sending the records to a station"):
        sync = check_sync(state, key_file, _made(out / "sync"), len(journalled))
    _print_alerts(alerts)
    return (
        checks.check_listing(len(listed.gallery.entries)),
        checks.check_silence(hits) if BICYCLE in without else checks.check_bicycle(alerts),
        checks.check_places(hits),
        checks.check_records(alerts, journalled),
        checks.check_report(alerts, report),
        checks.check_clip(alerts, evidence),
        verdict,
        sync,
    )


def _every_hit(replay: list[str], folder: Path) -> list[str]:
    """The same replay with no quiet time, so that an entry told once cannot hide that it is then found elsewhere."""
    return [*replay, "--quiet-s", "0", "--json", "--state", str(folder), "--alerts", str(folder / LINES)]


def _verdict(sealed: list[str]) -> Check:
    verdict = json.loads(read([program("lapel"), "audit", "verify", *sealed, "--json"]) or "{}")
    found = f"{verdict.get('records', 0)} records, {len(verdict.get('findings', ()))} findings"
    return Check("the journal is verified: nothing changed, removed or moved", verdict.get("clean") is True, found)


def _journalled(sealed: list[str]) -> frozenset[int]:
    """The sequences of all records in the journal."""
    shown = read([program("lapel"), "audit", "show", *sealed, "--json", "--limit", "1000"])
    return frozenset(int(json.loads(line)["sequence"]) for line in shown.splitlines())


def _known(without: list[str]) -> frozenset[str]:
    known = known_ids()
    for entry in without:
        if entry not in known:
            near = difflib.get_close_matches(entry, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"it lists {', '.join(known)}"
            raise UsageError(f"--without {entry}: the demo lists no such entry; {hint}")
    return frozenset(without)


def _clear(out: Path) -> None:
    """Take away what an earlier demo wrote there, and nothing else."""
    for name in _OURS:
        path = out / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


@contextmanager
def _step(what: str) -> Iterator[None]:
    print(f"\ndemo: {what} …", flush=True)
    started = time.monotonic()
    yield
    print(f"demo: {what}: {time.monotonic() - started:.1f} s", flush=True)


def _print_alerts(alerts: tuple[Alerted, ...]) -> None:
    table = Table("shot", "shows", "frames", "alerted", "may be alerted", title="What was alerted where")
    for shot in SHOTS:
        told = [f"{a.entry} ({a.frame})" for a in alerts if shot.first <= a.frame <= shot.last]
        here = [entry for entry in known_ids() if shot.number in shots_of(entry)]
        table.add_row(
            str(shot.number), shot.shows, f"{shot.first}–{shot.last}", ", ".join(told) or "-", ", ".join(here)
        )
    Console().print(table)


def _print_results(results: tuple[Check, ...]) -> None:
    table = Table("check", "", "found", title="The demo's own checks")
    for check in results:
        table.add_row(check.demand, _MARKS[check.passed], check.found)
    Console().print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--without", action="append", default=[], metavar="ID", help=f"leave an entry out, for example {BICYCLE}"
    )
    parser.add_argument("--out", type=Path, default=Path("demo-out"), metavar="DIR", help="default: demo-out")
    parser.add_argument(
        "--clip", type=Path, default=clip_path(), metavar="FILE", help="bikes.mp4; downloaded there if it is missing"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
