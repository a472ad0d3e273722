"""Makes the hazard list: entries for signs, substances and hazard numbers, and the signs' references."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from lapel.core.compact import fitted
from lapel.core.gallery import Gallery, Terms
from lapel.core.things import Entry, Frame, Kind, Reference
from lapel.errors import EnrolmentRefused, ForeignModel
from lapel.infer.pictograms import Sign, signs
from lapel_tools.enrol.request import EnrolmentTools, Photo
from lapel_tools.enrol.terms import check_terms
from lapel_tools.enrol.verdict import judge
from lapel_tools.hazards.substances import hazard_numbers, substances

PREFIX = "hazard-"
PURPOSE = "Dangerous goods: keep people away"
_CREW = "Do not walk into or touch what is spilled, stay upwind, make no fire, move people away (ADR 5.4.3.4)."


@dataclass(frozen=True, slots=True)
class ListingTerms:
    """On whose authority and until when hazards are looked for."""

    authority: str
    case: str
    expires: date
    contact: str = ""


def hazard_entries(terms: ListingTerms) -> tuple[Entry, ...]:
    """An entry for each kind of sign, each substance, and each hazard number over a substance that is not listed."""
    return (*_of_signs(terms), *_of_substances(terms), *_of_numbers(terms))


def with_hazards(gallery: Gallery | None, list_id: str, terms: ListingTerms, tools: EnrolmentTools) -> Gallery:
    """A new list of hazards, or the next version of a list with them, renewed where it had them.

    Raises: EnrolmentRefused, ForeignModel.
    """
    entries = hazard_entries(terms)
    for entry in entries:
        check_terms(entry, tools.today)
    references = tuple(reference for sign in signs() for reference in _references(sign, tools))
    if gallery is None:
        return fitted(Gallery(Terms(list_id, 1, tools.today, terms.expires), tools.model_sha256, entries, references))
    if gallery.references and gallery.model_sha256 != tools.model_sha256:
        raise ForeignModel(
            f"{gallery.terms.list_id}: its references were made by models {gallery.model_sha256[:12]}…, this is "
            f"{tools.model_sha256[:12]}…; enrol its pictures again into a new list"
        )
    kept = tuple(entry for entry in gallery.entries if not is_hazard(entry))
    kept_ids = {entry.id for entry in kept}
    pictures = tuple(reference for reference in gallery.references if reference.entry_id in kept_ids)
    every = (*kept, *entries)
    last = max(entry.expires for entry in every)
    newer = replace(gallery.terms, version=gallery.terms.version + 1, created=tools.today, expires=last)
    return fitted(
        replace(
            gallery,
            terms=newer,
            model_sha256=tools.model_sha256,
            entries=every,
            references=(*pictures, *references),
        )
    )


def is_hazard(entry: Entry) -> bool:
    """Whether an entry was made here; an administrator may give an id that looks like it to a thing."""
    return entry.id.startswith(PREFIX) and entry.purpose == PURPOSE


def _entry(name: str, label: str, kind: Kind, check: str, codes: tuple[str, ...], terms: ListingTerms) -> Entry:
    return Entry(
        PREFIX + name,
        label,
        kind,
        PURPOSE,
        terms.case,
        terms.authority,
        terms.expires,
        contact=terms.contact,
        check=check,
        codes=codes,
    )


def _of_signs(terms: ListingTerms) -> list[Entry]:
    return [
        _entry(sign.id, f"Hazard sign: {sign.means}", Kind.SIGN, f"{sign.check} {_CREW}", (sign.code,), terms)
        for sign in signs()
    ]


def _of_substances(terms: ListingTerms) -> list[Entry]:
    made = []
    for s in substances():
        codes = tuple(f"{hazard}/{s.un}" for hazard in s.hazards)
        means = "; ".join(f"{hazard}: {hazard_numbers()[hazard]}" for hazard in s.hazards)
        check = f"{s.guide.text} {means} (ADR 5.3.2.3.2, 3.2 table A)."
        made.append(_entry(f"un-{s.un}", f"UN {s.un} {s.name}", Kind.PLACARD, check, codes, terms))
    return made


def _of_numbers(terms: ListingTerms) -> list[Entry]:
    made = []
    for hazard, meaning in hazard_numbers().items():
        label = f"Orange panel {hazard}: {meaning}; substance unknown"
        check = (
            f"The UN number below {hazard} is not on this list, or does not go with {hazard}: read it again and ask "
            f"for it. {hazard}: {meaning} (ADR 5.3.2.3.2). {_CREW}"
        )
        made.append(_entry(f"number-{hazard}", label, Kind.PLACARD, check, (f"{hazard}/*",), terms))
    return made


def _references(sign: Sign, tools: EnrolmentTools) -> list[Reference]:
    made = []
    for pictogram in sign.pictograms:
        pixels, outline = pictogram.draw()
        pixels.setflags(write=False)
        photo = Photo(pictogram.id, Frame(pixels, 0, 0.0), mask=outline)
        verdict = judge(photo, PREFIX + sign.id, tools)
        if verdict.reference is None:
            raise EnrolmentRefused(f"{pictogram.id}: {verdict.reason}")
        made.append(verdict.reference)
    return made
