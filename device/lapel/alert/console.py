"""Shows alerts on a terminal, in colour where it has any."""

from __future__ import annotations

import os
from typing import TextIO

from lapel.alert.fault import Fault
from lapel.alert.words import HEADLINE, NOT_PROOF, NOT_RECORDED, Row, moment, plain, rows, title
from lapel.core.records import Record
from lapel.core.things import Hit

_NAME_WIDTH = 14
_BOLD, _ATTENTION, _FAINT, _ALARM, _END = "\x1b[1m", "\x1b[1;30;43m", "\x1b[2m", "\x1b[1;37;41m", "\x1b[0m"


class ConsoleAlerter:
    """Writes each alert as a short block of lines that stands out from a log around it."""

    def __init__(self, stream: TextIO, colour: bool | None = None) -> None:
        """``colour`` None: when the stream is a terminal and NO_COLOR is unset (no-color.org)."""
        self._stream = stream
        self._colour = _has_colour(stream) if colour is None else colour
        self._fault = Fault("alerts cannot be written to the console", "see the report or the journal instead")

    def alert(self, hit: Hit, record: Record | None) -> None:
        """Show a possible match to check."""
        with self._fault.said_once():
            lines = [
                "",
                f"{self._in(_ATTENTION, f' {HEADLINE.upper()} ')} {moment(hit) if hit.is_located else ''}",
                f"  {self._in(_BOLD, title(hit))}",
                *(self._row(row) for row in rows(hit, record)),
                f"  {self._in(_FAINT, NOT_PROOF)}",
                "",
            ]
            self._write("\n".join(lines))

    def notice(self, text: str) -> None:
        """Show a line about the appliance itself."""
        with self._fault.said_once():
            self._write(f"{self._in(_BOLD, 'lapel:')} {plain(text)}")

    def _row(self, row: Row) -> str:
        text = self._in(_ALARM, row.text) if row.text == NOT_RECORDED else row.text
        return f"  {self._in(_FAINT, row.name.lower().ljust(_NAME_WIDTH))} {text}"

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_END}" if self._colour else text

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        # A terminal of an older encoding shows ? for a letter that it lacks, and still shows the alert.
        self._stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        self._stream.flush()


def _has_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
