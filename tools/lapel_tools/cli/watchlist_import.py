"""``lapel-admin watchlist import``: fills a list from a table and a folder of photos."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

from lapel.core.gallery import Gallery
from lapel.errors import ForeignModel, UsageError
from lapel.health.clock import SystemClock
from lapel.infer.manifest import ModelStore
from lapel.link.topics import checked_name
from lapel.ports import KeyProvider
from lapel.store.atomic import write_whole
from lapel.store.gallery import read_gallery, write_gallery
from lapel.store.lock import WriterLock
from lapel_tools.cli.keys import add_key_options, key_for_reading, key_for_writing
from lapel_tools.watchlist.describing import MOST_PROCESSES, Means, describe_all
from lapel_tools.watchlist.exported import is_sealed_export, unsealed
from lapel_tools.watchlist.filling import Filled, Made, Plan, filled, planned
from lapel_tools.watchlist.refusals import check_report_place, report_of
from lapel_tools.watchlist.sources import LISTED, Sources
from lapel_tools.watchlist.table import COLUMNS, MANDATORY, RefusedRow, read_table
from lapel_tools.watchlist.working import WorkDone

HELP = "fill a list from a CSV or JSON table and a folder of photos"
FINE, FINDING = 0, 1
_SAID = 20

_DESCRIPTION = f"""\
Fill a list from a table and a folder of photos. The list changes once, at the end, and only if no row is refused; with
--skip-refused all other rows are listed. Until then the list stays as it was. Ended at any moment, by a power cut too,
the same command goes on where it stopped, and describes no picture again.

TABLE is CSV (UTF-8, with a head) or a JSON array of objects. Columns, of which {", ".join(MANDATORY)} are needed:
""" + "\n".join(f"  {name:<10} {what}" for name, what in COLUMNS.items())


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = _DESCRIPTION
    parser.add_argument("table", type=Path, metavar="TABLE", help="ends in .csv or .json; or a sealed export's folder")
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="where the photos are (default: beside TABLE)")
    parser.add_argument("--into", type=Path, required=True, metavar="LIST", help="made if it does not exist")
    add_key_options(parser, "seals the list; made with a new one")
    parser.add_argument("--list-id", metavar="NAME", help="name of a new list (default: the file's name)")
    parser.add_argument("--update", action="store_true", help="rows of listed entries replace terms and pictures")
    parser.add_argument("--skip-refused", action="store_true", help="list the others; exit 1 if any row was refused")
    parser.add_argument("--dry-run", action="store_true", help="judge and report alone: the list stays as it is")
    parser.add_argument("--report", type=Path, metavar="FILE", help="refused rows and reasons: .csv, .html or .json")
    add_describing_options(parser)
    parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")


def add_describing_options(parser: argparse.ArgumentParser) -> None:
    """Declare what describes pictures."""
    parser.add_argument(
        "--profile", default="ci-video", metavar="FILE|NAME", help="hardware profile (default: %(default)s)"
    )
    parser.add_argument(
        "--processes", type=int, default=0, metavar="N", help="look at so many pictures at once (default: a core each)"
    )


def means_from(args: argparse.Namespace, models: Path | None = None) -> Means:
    """What describes, as it was asked for. Raises: UsageError."""
    if not 0 <= args.processes <= MOST_PROCESSES:
        raise UsageError(f"--processes {args.processes}: give 1 to {MOST_PROCESSES}")
    count = args.processes or min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    return Means(args.profile, models, count)


def run(args: argparse.Namespace) -> int:
    """Fill it. Raises: UsageError, ConfigError, Refused, StoreError."""
    _check(args)
    alone = WriterLock(args.into, "let that one end, and import again")
    with alone, unsealed(args.table, lambda: key_for_reading(args)) as (table, photos):
        return _filled(args, table, args.photos or photos)


def _filled(args: argparse.Namespace, table: Path, photos: Path) -> int:
    into: Path = args.into
    today, model = SystemClock().today(), ModelStore().describing_sha256
    rows, refused = read_table(table, today)
    if not rows and not refused:
        raise UsageError(f"{table}: has no row; nothing is to be listed")
    is_new = not into.exists()
    means = means_from(args)
    keys: KeyProvider = key_for_writing(args, into)
    gallery = None if is_new else read_gallery(into, keys)
    _check_models(into, gallery, model)
    work = WorkDone(into, keys)
    console = Console(stderr=True)
    sources = Sources.read(work)
    plan = planned(track(rows, description="reading    ", console=console), photos, gallery, sources, args.update)
    _describe(plan, work, means, console)
    done = filled(plan, work, gallery, sources, Made(args.list_id or into.stem, model, today))
    done = Filled(done.gallery, _by_line((*refused, *done.refused)), done.added, done.changed)
    if args.report is not None:
        write_whole(args.report, [report_of(done.refused, str(args.table), args.report.suffix).encode()])
    is_written = not args.dry_run and not (done.refused and not args.skip_refused) and bool(done.added or done.changed)
    if is_written:
        sources.keep(work)
        write_gallery(into, done.gallery, keys)
        work.settle(LISTED)
    _say(args, plan, done, is_written)
    return FINDING if done.refused else FINE


def _describe(plan: Plan, work: WorkDone, means: Means, console: Console) -> None:
    left = tuple(each.task for each in plan.wanted if not work.has(each.task.name))
    if there := len(plan.wanted) - len(left):
        print(f"{there} of {len(plan.wanted)} entries were described before; going on", file=sys.stderr)
    for _ in track(
        describe_all(left, work, means), description="describing ", console=console, total=len(left), disable=not left
    ):
        pass


def _check(args: argparse.Namespace) -> None:
    into: Path = args.into
    if into.is_dir() or not into.parent.is_dir():
        raise UsageError(f"--into {into}: no list can be there; name a file in a folder that there is")
    if args.table.suffix not in {".csv", ".json"} and not is_sealed_export(args.table):
        raise UsageError(
            f"{args.table}: is no table; its name ends in .csv or .json, or it is a sealed export's folder"
        )
    if args.photos is not None and not args.photos.is_dir():
        raise UsageError(f"--photos {args.photos}: there is no such folder")
    check_report_place(args.report)
    checked_name("--list-id", args.list_id or into.stem)


def _check_models(into: Path, gallery: Gallery | None, model_sha256: str) -> None:
    if gallery is not None and gallery.references and gallery.model_sha256 != model_sha256:
        raise ForeignModel(
            f"{into}: its references were made by models {gallery.model_sha256[:12]}…, this is {model_sha256[:12]}…; "
            "lapel-admin watchlist redescribe makes them anew"
        )


def _by_line(rows: tuple[RefusedRow, ...]) -> tuple[RefusedRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.line))


def _say(args: argparse.Namespace, plan: Plan, done: Filled, is_written: bool) -> None:
    facts = {
        "list": done.gallery.terms.list_id,
        "written": is_written,
        "version": done.gallery.terms.version if is_written else None,
        "added": done.added,
        "changed": done.changed,
        "unchanged": len(plan.unchanged),
        "refused": [{"line": row.line, "id": row.entry_id, "reason": row.reason} for row in done.refused],
    }
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    for row in done.refused[:_SAID]:
        named = "" if row.reason.startswith(row.entry_id) else f"{row.entry_id}: "
        print(f"line {row.line}: {named}{row.reason}")
    if len(done.refused) > _SAID:
        print(f"and {len(done.refused) - _SAID} more: --report writes them all")
    would = "" if is_written else "would be "
    counted = f"{done.added} {would}added, {done.changed} changed, {len(plan.unchanged)} as they were"
    print(f"{args.into}: {counted}, {len(done.refused)} refused")
    if is_written:
        print(f"{args.into}: version {done.gallery.terms.version}, {len(done.gallery.entries)} entries")
    elif done.refused and not args.dry_run and not args.skip_refused:
        print("the list stays as it was: correct those rows and run again, or list the others with --skip-refused")
