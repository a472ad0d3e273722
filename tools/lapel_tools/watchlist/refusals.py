"""The report of rows that are not listed: a table for a spreadsheet, a page for people, or JSON."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from io import StringIO
from pathlib import Path

from lapel.errors import UsageError
from lapel_tools.report import document as page
from lapel_tools.watchlist.table import RefusedRow

SUFFIXES = (".csv", ".html", ".json")


def check_report_place(path: Path | None) -> None:
    """Refuse a place or a name that no report can have, before anything is done. Raises: UsageError."""
    if path is None:
        return
    if path.suffix not in SUFFIXES:
        raise UsageError(f"--report {path}: ends in none of {', '.join(SUFFIXES)}; name it so")
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"--report {path}: no file can be there; name one in a folder that there is")


def report_of(rows: tuple[RefusedRow, ...], table: str, kind: str) -> str:
    """The report, as the suffix says."""
    if kind == ".json":
        return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n"
    if kind == ".html":
        lead = page.paragraph(f"{len(rows)} rows of {table} are not listed, each for the reason beside it.")
        lines = tuple((str(row.line), row.entry_id, row.reason) for row in rows)
        body = page.table("Refused", ("line", "entry", "why, and what to do"), lines)
        return page.document("Refused rows", lead, f'<article>\n<div class="text">{body}</div>\n</article>\n')
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("line", "id", "reason"))
    writer.writerows((row.line, _harmless(row.entry_id), _harmless(row.reason)) for row in rows)
    return out.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell
