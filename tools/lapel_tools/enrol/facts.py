"""What enrolment found out, as JSON for machines: the same facts as on the page."""

from __future__ import annotations

from lapel.core.things import Entry
from lapel_tools.enrol.appraisal import Appraisal, PictureAppraisal
from lapel_tools.enrol.verdict import PhotoVerdict


def as_json(
    entry: Entry, verdicts: tuple[PhotoVerdict, ...], appraisal: Appraisal | None, version: int | None
) -> dict[str, object]:
    """All facts. ``version`` is that of the list as written, None where nothing was."""
    pictures: list[dict[str, object]] = [_judged(verdict) for verdict in verdicts]
    if appraisal is None:
        return {"entry": entry.id, "version": version, "pictures": pictures}
    for row, picture in zip(pictures, appraisal.pictures, strict=True):
        row |= _appraised(picture)
    false = appraisal.false
    return {
        "entry": entry.id,
        "version": version,
        "verdict": appraisal.worth.value,
        "shortlisted_at_most": appraisal.is_plain,
        "missing_views": list(appraisal.missing),
        "advice": list(appraisal.advice),
        "found": {"rate": round(appraisal.found.rate, 3), "held_out": appraisal.found.is_held_out},
        "false": {
            "hits": false.share.count,
            "tried": false.share.total,
            "low": round(false.share.low, 4),
            "high": round(false.share.high, 4),
            "nearest_evidence": round(max(0.0, false.nearest), 3),
        },
        "look_alikes": [
            {"entry": one.entry, "label": one.label, "evidence": round(one.evidence, 3)} for one in appraisal.alike
        ],
        "common_most": round(appraisal.coverage.most, 3),
        "common_least": round(appraisal.coverage.least, 3),
        "pictures": pictures,
    }


def _judged(verdict: PhotoVerdict) -> dict[str, object]:
    return {
        "picture": verdict.photo,
        "verdict": verdict.outcome.value,
        "why": verdict.reason,
        "width_px": verdict.width_px,
        "height_px": verdict.height_px,
        "crispness": round(verdict.crispness, 3),
        "features": verdict.points,
        "destroyed": round(verdict.destroyed, 3),
    }


def _appraised(picture: PictureAppraisal) -> dict[str, object]:
    return {
        "confirmed": int(picture.confirmed.sum()),
        "spread": round(picture.spread, 3),
        "tries": [
            {"change": trial.change, "evidence": round(trial.evidence, 3), "found": trial.is_found}
            for trial in picture.trials
        ],
    }
