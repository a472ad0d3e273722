"""A strict reader of what an evaluation writes: it accepts the agreed form and nothing else."""

import csv
import json
import math
import re
from pathlib import Path
from typing import Any

CODE_FORMS = {
    "gtin": r"\d{8}|\d{12,14}",
    "isbn": r"\d{13}",
    "serial": r".+",
    "iso6346": r"[A-Z]{3}[UJZ]\d{7}",
    "adr": r"X?\d{2,3}/\d{4}",
}


def check_instances(path: Path, queries: set[str], entries: set[str]) -> dict[str, list[tuple[str, float, bool]]]:
    """Candidates of every query; each query once, ranks from 1, scores falling, entries distinct."""
    raw = path.read_bytes()
    assert raw.endswith(b"\n")
    assert b"\r" not in raw
    rows = list(csv.reader(raw.decode("utf-8").splitlines()))
    assert rows[0] == ["query", "rank", "entry", "score", "hit"]
    found: dict[str, list[tuple[str, float, bool]]] = {}
    for query, rank, entry, score, hit in rows[1:]:
        assert query in queries
        candidates = found.setdefault(query, [])
        assert int(rank) == len(candidates) + 1 <= 5
        assert hit in ("0", "1")
        assert math.isfinite(float(score))
        if entry == "":
            assert (rank, score, hit) == ("1", "0", "0")
        else:
            assert entry in entries
        candidates.append((entry, float(score), hit == "1"))
    assert found.keys() == queries
    for candidates in found.values():
        assert [score for _, score, _ in candidates] == sorted((score for _, score, _ in candidates), reverse=True)
        assert len({entry for entry, _, _ in candidates}) == len(candidates)
    return found


def check_detection(path: Path, sizes: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """Records by file; boxes inside their picture, scores .05 to 1."""
    records = _records(path, set(sizes), {"file", "boxes", "people"})
    for file, record in records.items():
        assert type(record["people"]) is int
        assert record["people"] >= 0
        for box in record["boxes"]:
            assert box.keys() == {"label", "score", "bbox"}
            assert box["label"]
            assert box["label"] != "person"
            assert 0.05 <= box["score"] <= 1
            _check_box(box["bbox"], sizes[file])
    return records


def check_faces(path: Path, sizes: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """Records by file; areas inside their picture."""
    records = _records(path, set(sizes), {"file", "regions"})
    for file, record in records.items():
        for region in record["regions"]:
            assert region.keys() == {"bbox"}
            _check_box(region["bbox"], sizes[file])
    return records


def check_text(path: Path, files: set[str]) -> dict[str, Any]:
    """Records by file; kinds of the closed grammar only, digits alone for GTIN and ISBN."""
    records = _records(path, files, {"file", "codes"})
    for record in records.values():
        for code in record["codes"]:
            assert code.keys() == {"kind", "value"}
            assert code["kind"] in CODE_FORMS
            assert re.fullmatch(CODE_FORMS[code["kind"]], code["value"], re.DOTALL)
    return records


def check_video(path: Path, sizes: dict[str, tuple[int, int]], entries: set[str]) -> dict[str, Any]:
    """Records by clip; hits in the order of time, inside the picture."""
    records = _records(path, set(sizes), {"file", "frames", "hits", "people_max"})
    for file, record in records.items():
        assert type(record["frames"]) is int
        assert type(record["people_max"]) is int
        times = [hit["t_s"] for hit in record["hits"]]
        assert times == sorted(times)
        for hit in record["hits"]:
            assert hit.keys() == {"t_s", "entry", "bbox"}
            assert hit["entry"] in entries
            _check_box(hit["bbox"], sizes[file])
    return records


def _records(path: Path, files: set[str], keys: set[str]) -> dict[str, Any]:
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert all(row.keys() == keys for row in rows)
    names = [row["file"] for row in rows]
    assert len(names) == len(set(names))
    assert set(names) == files
    return {row["file"]: row for row in rows}


def _check_box(bbox: list[int], size: tuple[int, int]) -> None:
    x, y, width, height = bbox
    assert all(type(value) is int for value in bbox)
    assert x >= 0
    assert y >= 0
    assert width > 0
    assert height > 0
    assert x + width <= size[0]
    assert y + height <= size[1]
