"""Enrols a thing: all of its pictures are judged, then all become references, or none does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lapel.core.compact import fitted
from lapel.core.gallery import Gallery, Terms
from lapel.core.things import Entry, Reference
from lapel.errors import EnrolmentRefused, ForeignModel, LapelError
from lapel.ports import LocalFeatures
from lapel_tools.enrol.consensus import on_the_thing
from lapel_tools.enrol.request import EnrolmentRequest, EnrolmentTools
from lapel_tools.enrol.sameness import without_copies
from lapel_tools.enrol.terms import check_terms
from lapel_tools.enrol.verdict import PhotoVerdict, judge


def enrol(request: EnrolmentRequest, tools: EnrolmentTools) -> tuple[Reference, ...]:
    """The references of a thing, one a picture, in their order. Raises: EnrolmentRefused, MediaError, UsageError."""
    return references_of(examine(request, tools), tools.features)


def examine(
    request: EnrolmentRequest, tools: EnrolmentTools, listed: tuple[Reference, ...] = ()
) -> tuple[PhotoVerdict, ...]:
    """What enrolment thinks of every picture of a thing whose terms hold, and which has pictures ``listed`` already.

    Raises: EnrolmentRefused.
    """
    check_terms(request.entry, tools.today)
    if not request.photos and not request.entry.codes:
        raise EnrolmentRefused(f"{request.entry.id}: neither a picture nor a code; give at least one")
    return without_copies(tuple(judge(photo, request.entry.id, tools) for photo in request.photos), listed)


def references_of(verdicts: tuple[PhotoVerdict, ...], features: LocalFeatures) -> tuple[Reference, ...]:
    """The references that the pictures became, if every one of them did, each without the background of the others.

    Raises: the error of the first refused picture (EnrolmentRefused, MediaError, UsageError), which counts the rest.
    """
    errors = [verdict.error for verdict in verdicts if verdict.error is not None]
    if errors:
        raise _all_in_one(errors, len(verdicts))
    references = tuple(verdict.reference for verdict in verdicts if verdict.reference is not None)
    return on_the_thing(references, features)


def extend_gallery(
    gallery: Gallery | None,
    entry: Entry,
    references: tuple[Reference, ...],
    *,
    list_id: str,
    model_sha256: str,
    today: date,
) -> Gallery:
    """A new list with one entry, or the next version of a list with the entry, or more pictures of it, added.

    The list's length says how much is kept of each picture's local features (core.compact): a list that grows past a
    level keeps less of all of them.
    Raises: EnrolmentRefused for an id that is listed on other terms; ForeignModel for a list of another model.
    """
    if gallery is None:
        return fitted(Gallery(Terms(list_id, 1, today, entry.expires), model_sha256, (entry,), references))
    if gallery.model_sha256 != model_sha256:
        raise ForeignModel(
            f"{gallery.terms.list_id}: its references were made by models {gallery.model_sha256[:12]}…, this is "
            f"{model_sha256[:12]}…; enrol its pictures again into a new list"
        )
    listed = gallery.entry(entry.id)
    if listed is not None and listed != entry:
        raise EnrolmentRefused(
            f"{entry.id}: listed already with {_differences(listed, entry)}; choose another id, or give the same terms"
        )
    entries = gallery.entries if listed is not None else (*gallery.entries, entry)
    terms = Terms(gallery.terms.list_id, gallery.terms.version + 1, today, max(e.expires for e in entries))
    return fitted(replace(gallery, terms=terms, entries=entries, references=(*gallery.references, *references)))


def _differences(listed: Entry, wanted: Entry) -> str:
    names = [name for name in Entry.__dataclass_fields__ if getattr(listed, name) != getattr(wanted, name)]
    return "another " + ", ".join(names)


def _all_in_one(errors: list[LapelError], pictures: int) -> LapelError:
    first = errors[0]
    if pictures == 1:
        return first
    more = f" ({len(errors) - 1} more refused)" if len(errors) > 1 else ""
    return type(first)(f"{first}{more}; nothing of the {pictures} pictures was enrolled")
