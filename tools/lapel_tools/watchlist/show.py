"""A list as people and machines read it: its terms, and each entry with what it can be found by."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date
from math import ceil

from lapel.alert.words import Row
from lapel.core.compact import level_of
from lapel.core.gallery import Gallery
from lapel.core.listing import findings, shown_codes
from lapel.core.things import Entry
from lapel_tools.report import document as page
from lapel_tools.watchlist.card import MOST_SHOWN, entry_card
from lapel_tools.watchlist.standing import STYLES, Standing, Verdict, standings


def show_facts(gallery: Gallery, today: date) -> dict[str, object]:
    """All of it, for JSON; pictures by their number."""
    terms = gallery.terms
    return {
        "list": terms.list_id,
        "version": terms.version,
        "created": terms.created.isoformat(),
        "expires": terms.expires.isoformat(),
        "model_sha256": gallery.model_sha256,
        "decoys": len(gallery.decoys),
        "picture_bytes": picture_bytes(gallery),
        "findings": list(findings(gallery, today)),
        "entries": [
            entry_facts(one.entry) | {"pictures": len(one.references), "verdict": one.verdict.value}
            for one in standings(gallery, today)
        ],
    }


def entry_facts(entry: Entry) -> dict[str, object]:
    """An entry for JSON."""
    return asdict(entry) | {
        "kind": entry.kind.value,
        "expires": entry.expires.isoformat(),
        "codes": list(shown_codes(entry)),
    }


def summary_of(gallery: Gallery, today: date) -> tuple[Row, ...]:
    """What there is to say of the list as a whole."""
    found = list(standings(gallery, today))
    verdicts = Counter(one.verdict for one in found)
    counted = ", ".join(f"{verdicts[each]} {each.value}" for each in Verdict if verdicts[each])
    return (
        Row("Version", str(gallery.terms.version)),
        Row("Made", gallery.terms.created.isoformat()),
        Row("Until", gallery.terms.expires.isoformat()),
        Row("Entries", f"{len(found)}: {counted}" if found else "none"),
        Row("Pictures", _pictures(gallery) if gallery.references else ""),
        Row("Decoys", str(len(gallery.decoys)) if gallery.decoys else ""),
        Row("Models", gallery.model_sha256[:16]),
    )


def _pictures(gallery: Gallery) -> str:
    kept = picture_bytes(gallery)
    sent = sum(min(len(each.picture), level_of(each.features).picture_bytes) for each in gallery.references)
    said = f"{len(gallery.references)}, {kept / 2**20:.1f} MiB, sealed in the list"
    return f"{said}; devices get smaller ones, at most {ceil(sent / 2**20 * 10) / 10:.1f} MiB" if sent < kept else said


def picture_bytes(gallery: Gallery) -> int:
    """What the list's reference pictures take in its file."""
    return sum(len(reference.picture) for reference in gallery.references)


def show_page(gallery: Gallery, today: date) -> str:
    """The whole page: what needs attention first, then every entry in the list's order."""
    found = list(standings(gallery, today))
    lead = page.paragraph("What is looked for, what for, on whose authority and until when.")
    wrong = findings(gallery, today)
    notes = f'<div class="check"><strong>To know</strong>\n{page.listing(wrong)}</div>\n' if wrong else ""
    body = (
        f'<article>\n<div class="top">\n<h2>As a whole</h2>\n</div>\n{notes}'
        f"{page.facts(summary_of(gallery, today))}</article>\n"
    )
    body += f'<section class="part">\n<h2>Entries</h2>\n{"".join(map(_card, found[:MOST_SHOWN]))}</section>\n'
    if len(found) > MOST_SHOWN:
        body += page.paragraph(f"{len(found) - MOST_SHOWN} more are not shown here: the terminal lists them all.")
    return page.document(f"Watchlist {gallery.terms.list_id}", lead, body)


def _card(one: Standing) -> str:
    return entry_card(one.verdict.value.capitalize(), STYLES[one.verdict], one.entry, one.pictures)
