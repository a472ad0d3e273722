"""What the journal keeps of a hit. Pure."""

from __future__ import annotations

from math import ceil

from lapel.core.position import Fix
from lapel.core.records import Event, Fact, RecordKind
from lapel.core.things import Hit


def alert_event(hit: Hit, gallery: tuple[str, int], picture: bytes, fix: Fix | None = None) -> Event:
    """What is kept of a hit. ``gallery`` is the list's id and version; the position of ``fix`` is rounded already."""
    match, box = hit.match, hit.match.box
    facts: tuple[tuple[str, Fact], ...] = (
        ("entry", hit.entry.id),
        ("label", hit.entry.label),
        ("kind", hit.entry.kind.value),
        ("t_s", round(hit.sighting.at_s, 3)),
        ("frame", hit.sighting.frame),
        ("x0", box.x0),
        ("y0", box.y0),
        ("x1", box.x1),
        ("y1", box.y1),
        ("evidence", round(match.evidence, 3)),
        ("similarity", round(match.similarity, 4)),
        ("inliers", match.geometry.inliers if match.geometry else 0),
        ("share", round(match.geometry.share, 4) if match.geometry else 0.0),
        ("code", hit.code),
        ("false_alerts_per_hour", float(f"{hit.expected.per_hour:.3g}") if hit.expected else None),
        ("list_id", gallery[0]),
        ("list_version", gallery[1]),
    )
    if fix is not None:
        facts += (
            ("latitude_deg", fix.position.latitude_deg),
            ("longitude_deg", fix.position.longitude_deg),
            ("position_age_s", round(fix.age_s)),
            ("position_accuracy_m", None if fix.accuracy_m is None else ceil(fix.accuracy_m)),
        )
    return Event(RecordKind.ALERT, facts, picture)
