"""Writes alerts as JSON, one object a line, for other programs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TextIO

from lapel.alert.fault import Fault
from lapel.core.records import Record
from lapel.core.things import Expected, Hit
from lapel.errors import StoreError

_WHERE_AND_WHEN = ("t_s", "frame", "bbox", "evidence", "inliers", "share")

Json = str | int | float | bool | None | list[int] | list[float] | dict[str, int | str]


class JsonLinesAlerter:
    """Appends each alert to a file. A line is whole once ``alert`` returns, so a reader may follow the file.

    Keys: ``t_s`` stream time, ``frame``, ``entry``, ``label``, ``kind``, ``bbox`` [x, y, w, h] in frame pixels,
    ``evidence`` (1 is the decision's threshold), ``inliers``, ``share``, ``code``, ``expires``, ``case``,
    ``false_alerts_per_hour`` [expected, at least, at most (95%)] of the whole list, null where it was not calibrated,
    ``count_today`` of the entry's alerts, and ``record`` {sequence, id} or null when it could not be kept. What says
    where and when is null for hits that are not located, unless ``is_whole``: for recordings, which hold it anyway.
    A new file has mode 0600, one that is there keeps its own. Raises: StoreError when the file cannot be opened.
    """

    def __init__(self, path: Path, is_whole: bool = False) -> None:
        self._path = path
        self._is_whole = is_whole
        try:
            path.parent.mkdir(0o700, parents=True, exist_ok=True)
            with self._opened():
                pass
        except OSError as trouble:
            raise StoreError(f"{path}: alerts cannot be written: {trouble.strerror}; name another file") from trouble
        self._fault = Fault(f"{path}: alerts cannot be written", "the journal still keeps them")

    def alert(self, hit: Hit, record: Record | None) -> None:
        """Append one line."""
        facts = _facts(hit, record)
        if not hit.is_located and not self._is_whole:
            facts |= dict.fromkeys(_WHERE_AND_WHEN)
        line = json.dumps(facts, ensure_ascii=True, separators=(",", ":"))
        # Opened anew each time: a file moved away by log rotation begins again, and an alert is seldom.
        with self._fault.said_once(), self._opened() as lines:
            lines.write(line + "\n")

    def notice(self, text: str) -> None:
        """Nothing: each line of the file is an alert."""

    def _opened(self) -> TextIO:
        return open(self._path, "a", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600))


def _facts(hit: Hit, record: Record | None) -> dict[str, Json]:
    box, geometry = hit.match.box, hit.match.geometry
    return {
        "t_s": round(hit.sighting.at_s, 3),
        "frame": hit.sighting.frame,
        "entry": hit.entry.id,
        "label": hit.entry.label,
        "kind": hit.entry.kind.value,
        "bbox": [box.x0, box.y0, box.width, box.height],
        "evidence": round(hit.match.evidence, 3),
        "inliers": geometry.inliers if geometry else None,
        "share": round(geometry.share, 3) if geometry else None,
        "code": hit.code,
        "false_alerts_per_hour": _rate(hit.expected),
        "expires": hit.entry.expires.isoformat(),
        "case": hit.entry.case,
        "count_today": hit.count_today,
        "record": {"sequence": record.sequence, "id": record.id} if record else None,
    }


def _rate(expected: Expected | None) -> list[float] | None:
    if expected is None:
        return None
    ends = (expected.per_hour, expected.at_least_per_hour, expected.at_most_per_hour)
    return [float(f"{value:.3g}") for value in ends]
