"""Tells what enrolment thinks of a thing: on the terminal, as JSON, and as a page."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lapel.core.things import Entry
from lapel.errors import UsageError
from lapel.store.atomic import write_whole
from lapel_tools.enrol import wording
from lapel_tools.enrol.appraisal import Appraisal, Worth
from lapel_tools.enrol.facts import as_json
from lapel_tools.enrol.page import enrolment_page
from lapel_tools.enrol.verdict import Outcome, PhotoVerdict

_OUTCOME_STYLE = {Outcome.USABLE: "green", Outcome.SHORTLIST_ONLY: "yellow", Outcome.REFUSED: "red"}
_WORTH_STYLE = {Worth.DISTINCT: "green", Worth.ORDINARY: "yellow", Worth.NOT_BY_LOOKS: "red"}


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What there is to tell. ``version`` of the list as it is written, None where it is not."""

    entry: Entry
    verdicts: tuple[PhotoVerdict, ...]
    appraisal: Appraisal | None = None
    version: int | None = None


def check_page_place(path: Path | None) -> None:
    """Refuse a place that no page can be in, before anything is judged or written. Raises: UsageError."""
    if path is not None and path.is_dir():
        raise UsageError(f"--html {path}: is a folder; name a file in it")
    if path is not None and not path.parent.is_dir():
        raise UsageError(f"--html {path}: there is no folder {path.parent}; make it first")


def tell(args: argparse.Namespace, told: Told) -> None:
    """Write the page that was asked for, and say the rest. Raises: StoreError."""
    write_page(args.html, told)
    say(args, told)


def write_page(path: Path | None, told: Told) -> None:
    """Write the page whole, if one was asked for. Raises: StoreError."""
    if path is not None:
        write_whole(path, [enrolment_page(told.entry, told.verdicts, told.appraisal).encode("utf-8", "replace")])


def say(args: argparse.Namespace, told: Told) -> None:
    """Print it as was asked for."""
    if args.json:
        print(json.dumps(as_json(told.entry, told.verdicts, told.appraisal, told.version), ensure_ascii=False))
        return
    console = Console()
    if told.verdicts:
        console.print(_table(told.verdicts))
    for verdict in told.verdicts:
        if verdict.outcome is not Outcome.USABLE:
            console.print(verdict.reason, markup=False, highlight=False, soft_wrap=True)
        if lost := wording.destroyed(verdict):
            console.print(f"{verdict.photo}: {lost}", markup=False, highlight=False, soft_wrap=True)
    if told.appraisal is not None:
        _say_whole(console, told.appraisal)


def _say_whole(console: Console, appraisal: Appraisal) -> None:
    style, worth = _WORTH_STYLE[appraisal.worth], appraisal.worth.value
    console.print(f"{escape(appraisal.entry.id)}: [{style}]{worth}[/{style}]", highlight=False, soft_wrap=True)
    lines = [f"would be found {wording.found(appraisal)}", f"hit falsely {wording.falsely(appraisal)}"]
    lines += [f"to do: {advice}" for advice in appraisal.advice]
    for line in lines:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _table(verdicts: tuple[PhotoVerdict, ...]) -> Table:
    table = Table("picture", "thing px", "crispness", "features", "verdict")
    for v in verdicts:
        style = _OUTCOME_STYLE[v.outcome]
        table.add_row(
            escape(Path(v.photo).name),
            f"{v.width_px}×{v.height_px}" if v.width_px else "-",
            f"{v.crispness:.2f}" if v.crispness else "-",
            str(v.points) if v.reference else "-",
            f"[{style}]{v.outcome.value}[/{style}]",
        )
    return table
