"""The page of an enrolment: what every picture is worth, with what geometry sees drawn on it."""

from __future__ import annotations

from pathlib import Path

from lapel.alert.words import Row
from lapel.core.things import Entry
from lapel_tools.enrol import wording
from lapel_tools.enrol.appraisal import Appraisal, PictureAppraisal, Worth
from lapel_tools.enrol.clarity import LEAST_CRISPNESS
from lapel_tools.enrol.marked import marked
from lapel_tools.enrol.verdict import Outcome, PhotoVerdict
from lapel_tools.report import document as page
from lapel_tools.report.document import Picture

_WORTH_STYLE = {Worth.DISTINCT: "good", Worth.ORDINARY: "", Worth.NOT_BY_LOOKS: "bad"}
_OUTCOMES = {
    Outcome.USABLE: ("Usable", "good"),
    Outcome.SHORTLIST_ONLY: ("Shortlist only", ""),
    Outcome.REFUSED: ("Refused", "bad"),
}


def enrolment_page(entry: Entry, verdicts: tuple[PhotoVerdict, ...], appraisal: Appraisal | None) -> str:
    """The whole page. ``appraisal`` is None where a picture was refused, or where there is none."""
    lead = page.paragraph(
        "What enrolment thinks of the pictures of one thing. Whether it is on a list the list says, not this page."
    )
    lead += page.paragraph(
        "Details that lie beside the thing are its background, and will match there, too: where dots gather beside it, "
        "enrol the picture with --outline or --mask.",
        "quiet",
    )
    body = _whole(appraisal) if appraisal else _none(verdicts)
    cards = appraisal.pictures if appraisal else (None,) * len(verdicts)
    body += "".join(
        _card(number, verdict, picture) for number, (verdict, picture) in enumerate(zip(verdicts, cards, strict=True))
    )
    return page.document(f"{entry.label or entry.id} ({entry.id})", lead, body)


def _whole(appraisal: Appraisal) -> str:
    rows = page.facts(
        (
            Row("Would be found", wording.found(appraisal)),
            Row("Falsely hit", wording.falsely(appraisal)),
            Row(
                "Looks the same", "; ".join(f"{one.entry} ({one.label})" for one in appraisal.alike) or "nothing listed"
            ),
            Row("In common", _common(appraisal)),
        )
    )
    verdict = page.tag(appraisal.worth.value.capitalize(), _WORTH_STYLE[appraisal.worth])
    advice = page.listing(appraisal.advice) or page.paragraph("Nothing: the pictures do.")
    return (
        f'<article aria-labelledby="thing">\n<div class="top">\n{verdict}<h2 id="thing">As a whole</h2>\n</div>\n'
        f'<div class="check"><strong>To do</strong>\n{advice}</div>\n{rows}'
        f'<div class="text quiet">\n{page.paragraph(wording.ESTIMATE_LIMITS)}</div></article>\n'
    )


def _common(appraisal: Appraisal) -> str:
    if len(appraisal.pictures) < 2 and not appraisal.found.is_held_out:
        return ""
    ends = dict.fromkeys(f"{share:.0%}" for share in (appraisal.coverage.least, appraisal.coverage.most))
    return f"two pictures share {' to '.join(ends)} of their details"


def _none(verdicts: tuple[PhotoVerdict, ...]) -> str:
    refused = sum(verdict.error is not None for verdict in verdicts)
    words = (
        f"{refused} of {len(verdicts)} pictures are refused: none is enrolled, and the thing is not appraised."
        if refused
        else "No picture: it is found by its codes alone."
    )
    return f'<article>\n<p class="empty">{page.text(words)}</p>\n</article>\n'


def _card(number: int, verdict: PhotoVerdict, picture: PictureAppraisal | None) -> str:
    name = Path(verdict.photo).name
    rows: tuple[Row, ...] = (
        Row("Why", "" if verdict.outcome is Outcome.USABLE else verdict.reason),
        Row("Lost", wording.destroyed(verdict)),
        Row("Size", f"{verdict.width_px} × {verdict.height_px} px" if verdict.width_px else ""),
        Row("Sharpness", f"{verdict.crispness:.2f}, at least {LEAST_CRISPNESS} is needed" if verdict.crispness else ""),
    )
    figures = ""
    if picture is not None:
        rows += (Row("Geometry sees", wording.seen(picture)), Row("Found in", wording.kept(picture)))
        figures = page.pictures(
            Picture(picture.reference.picture, f"The picture {name}", "Kept for the officer", "faces destroyed"),
            Picture(
                marked(picture),
                f"The picture {name} with {wording.seen(picture)}",
                "What geometry sees",
                "ring: a detail; filled dot: confirmed by another picture",
            ),
        )
    elif verdict.reference is not None:
        figures = page.pictures(Picture(verdict.reference.picture, f"The picture {name}", name, "faces destroyed"))
    return (
        f'<article aria-labelledby="picture-{number}">\n<div class="top">\n'
        f"{page.tag(*_OUTCOMES[verdict.outcome])}"
        f'<h3 id="picture-{number}">{page.text(name)}</h3>\n</div>\n{figures}{page.facts(rows)}</article>\n'
    )
