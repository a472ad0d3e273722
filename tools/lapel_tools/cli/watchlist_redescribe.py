"""``lapel-admin watchlist redescribe``: describes a list's pictures by other models."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import track

from lapel.core.compact import compacted, fitted, level_for
from lapel.core.gallery import Gallery
from lapel.errors import EnrolmentRefused, Refused, UsageError
from lapel.health.clock import SystemClock
from lapel.infer.manifest import ModelStore
from lapel.ports import KeyProvider
from lapel.store.gallery import read_gallery, write_gallery
from lapel.store.lock import WriterLock
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.cli.watchlist_import import add_describing_options, means_from
from lapel_tools.watchlist.describing import Means, Task, describe_all, references_from
from lapel_tools.watchlist.sources import LISTED
from lapel_tools.watchlist.standing import listed
from lapel_tools.watchlist.working import WorkDone, name_of

HELP = "describe the pictures that a list keeps by this version's models, or by others"

_DESCRIPTION = """\
A new model voids no list: describe the reference pictures that it keeps (at most 640 px, without faces) by the models
of this version, or by those in --models. Nothing is enrolled again. The list is replaced once, at the end; ended at any
moment, the same command goes on where it stopped.

While a fleet has two models, keep a list for each (--out), and publish both, each under a name of its own (propose
--list-id): a device takes the one that its models described, refuses the other, and goes over once it has new models.
The calibration measured the models as well: calibrate again."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = _DESCRIPTION
    parser.add_argument("list", type=Path, metavar="LIST", help="the sealed list")
    add_key_options(parser, "opens and seals the list")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write another list, and leave LIST as it is")
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="another version's models (default: this one's)")
    add_describing_options(parser)
    parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Describe it. Raises: UsageError, ConfigError, Refused, StoreError."""
    out: Path = args.out or args.list
    if out.is_dir() or not out.parent.is_dir():
        raise UsageError(f"--out {out}: no list can be there; name a file in a folder that there is")
    if args.out is not None and out.exists():
        raise UsageError(f"--out {out}: is there already; name a file that is not")
    keys = key_for_reading(args)
    if not args.list.is_file():
        raise UsageError(f"{args.list}: no such file; check the path")
    means = means_from(args, args.models)
    with WriterLock(out, "let that one end, and run again"):
        return _redescribed(args, out, keys, means)


def _redescribed(args: argparse.Namespace, out: Path, keys: KeyProvider, means: Means) -> int:
    gallery, model = read_gallery(args.list, keys), ModelStore(means.models).describing_sha256
    if gallery.model_sha256 == model and args.out is None:
        _say(args, out, gallery, 0)
        return 0
    work = WorkDone(out, keys)
    tasks = _tasks(gallery, model)
    left = tuple(task for task in tasks if not work.has(task.name))
    if there := len(tasks) - len(left):
        print(f"{there} of {len(tasks)} entries were described before; going on", file=sys.stderr)
    described = describe_all(left, work, means)
    console = Console(stderr=True)
    for _ in track(described, description="describing ", console=console, total=len(left), disable=not left):
        pass
    made = _made(gallery, tasks, work, model)
    write_gallery(out, made, keys)
    work.settle(LISTED)
    _say(args, out, made, len(tasks))
    return 0


def _tasks(gallery: Gallery, model: str) -> tuple[Task, ...]:
    found = []
    for entry, references in listed(gallery):
        pictures = tuple(reference.picture for reference in references)
        if pictures:
            found.append(Task(name_of(b"redescribe 1", model.encode(), *pictures), entry, pictures=pictures))
    return tuple(found)


def _made(gallery: Gallery, tasks: tuple[Task, ...], work: WorkDone, model: str) -> Gallery:
    level = level_for(len(gallery.references))
    references = []
    for task in tasks:
        done = work.find(task.name)
        assert done is not None, "all of them were described"
        try:
            own = references_from(done)
        except EnrolmentRefused as error:
            raise Refused(f"{error}; the list stays as it was") from error
        references += [replace(each, entry_id=task.entry.id, features=compacted(each.features, level)) for each in own]
    today = SystemClock().today()
    terms = replace(gallery.terms, version=gallery.terms.version + 1, created=max(gallery.terms.created, today))
    return fitted(replace(gallery, terms=terms, model_sha256=model, references=tuple(references), calibration=None))


def _say(args: argparse.Namespace, out: Path, gallery: Gallery, described: int) -> None:
    count, model = len(gallery.references), gallery.model_sha256
    if args.json:
        facts = {"version": gallery.terms.version, "described": described, "pictures": count, "model_sha256": model}
        print(json.dumps(facts))
    elif not described and args.out is None:
        print(f"{out}: is described by models {model[:12]}… already")
    else:
        print(f"{out}: version {gallery.terms.version}, {count} pictures described by models {model[:12]}…")
        print("next: lapel-admin calibrate, since a calibration measures the models too")
