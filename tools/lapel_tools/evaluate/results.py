"""What an evaluation writes: the rows of each file, and the files themselves.

The formats are a contract with whoever scores them: names, order and rounding do not change between runs.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lapel.core.codes import Code
from lapel.core.geometry import Box
from lapel.store.atomic import write_whole

CANDIDATES_A_QUERY = 5
_HEADER = ("query", "rank", "entry", "score", "hit")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of a query's candidate list. ``score`` is comparable across queries; ``is_hit`` is the decision.

    ``reference`` is the place of the enrolled picture that spoke for the entry, -1 where none did.
    """

    entry: str
    score: float
    is_hit: bool
    reference: int = -1


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A query picture and its candidates, best first; none is an answer, too."""

    query: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class DetectedBox:
    """A box of the detector. ``score`` 0..1, down to well below the product's own threshold."""

    label: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """What was seen in a picture: things with boxes, people as a number."""

    file: str
    boxes: tuple[DetectedBox, ...]
    people: int


@dataclass(frozen=True, slots=True)
class FacesResult:
    """The areas that were destroyed in a picture, whose size is in pixels."""

    file: str
    regions: tuple[Box, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class TextResult:
    """The codes that were read in a picture."""

    file: str
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class VideoHit:
    """A hit at a moment of stream time, in the frame's pixels."""

    at_s: float
    entry: str
    box: Box


@dataclass(frozen=True, slots=True)
class VideoResult:
    """What became of a clip. ``hits`` are all hits, also those that an officer is not told a second time;
    ``decisions`` counts them once for each track and entry, as false ones are counted; ``alerted`` are the entries of
    the alerts, in order; ``seconds`` is how long the clip is."""

    file: str
    frames: int
    hits: tuple[VideoHit, ...]
    people_max: int
    alerted: tuple[str, ...]
    decisions: int = 0
    seconds: float = 0.0


def write_instances(path: Path, results: Iterable[QueryResult]) -> None:
    """``query,rank,entry,score,hit``; a query without a candidate has one row with an empty entry and score 0."""
    write_table(path, _HEADER, (row for result in results for row in _candidate_rows(result)))


def write_strata(path: Path, strata: Iterable[tuple[str, Iterable[QueryResult]]]) -> None:
    """``stratum,query,rank,entry,score,hit``: as of the instances, once for each stratum."""
    rows = ((name, *row) for name, results in strata for result in results for row in _candidate_rows(result))
    write_table(path, ("stratum", *_HEADER), rows)


def write_table(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str | int, ...]]) -> None:
    """A table as CSV."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    write_whole(path, [text.getvalue().encode()])


def write_detection(path: Path, results: Iterable[DetectionResult]) -> None:
    """``[{"file", "boxes": [{"label", "score", "bbox"}], "people"}]``."""
    _write(
        path,
        [
            {
                "file": result.file,
                "boxes": [{"label": b.label, "score": round(b.score, 6), "bbox": _bbox(b.box)} for b in result.boxes],
                "people": result.people,
            }
            for result in results
        ],
    )


def write_faces(path: Path, results: Iterable[FacesResult]) -> None:
    """``[{"file", "regions": [{"bbox"}]}]``."""
    _write(path, [{"file": r.file, "regions": [{"bbox": _bbox(box)} for box in r.regions]} for r in results])


def write_text(path: Path, results: Iterable[TextResult]) -> None:
    """``[{"file", "codes": [{"kind", "value"}]}]``."""
    _write(
        path,
        [{"file": r.file, "codes": [{"kind": c.kind.value, "value": c.value} for c in r.codes]} for r in results],
    )


def write_video(path: Path, results: Iterable[VideoResult]) -> None:
    """``[{"file", "frames", "hits": [{"t_s", "entry", "bbox"}], "people_max"}]``."""
    _write(
        path,
        [
            {
                "file": result.file,
                "frames": result.frames,
                "hits": [
                    {"t_s": round(hit.at_s, 3), "entry": hit.entry, "bbox": _bbox(hit.box)} for hit in result.hits
                ],
                "people_max": result.people_max,
            }
            for result in results
        ],
    )


def _candidate_rows(result: QueryResult) -> list[tuple[str | int, ...]]:
    if not result.candidates:
        return [(result.query, 1, "", 0, 0)]
    return [
        (result.query, rank, candidate.entry, f"{candidate.score:.6f}", int(candidate.is_hit))
        for rank, candidate in enumerate(result.candidates[:CANDIDATES_A_QUERY], 1)
    ]


def _bbox(box: Box) -> list[int]:
    return [box.x0, box.y0, box.width, box.height]


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    write_whole(path, [f"[\n{lines}\n]\n".encode() if rows else b"[]\n"])
