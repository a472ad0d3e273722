"""An entry whose part of a long list was changed on disk is looked for no more, which is said; the watch goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.core.calibrate import WATCHING
from lapel.core.careful import MOST_LEFT_OUT, CarefulReader, left_out_event
from lapel.core.codes import Code, CodeKind
from lapel.core.gallery import Gallery
from lapel.core.records import RecordKind
from lapel.core.things import Entry, Frame, Reference
from lapel.errors import Refused, RowsTampered, StoreError, Tampered
from lapel.fakes.codes import FixedCodes
from lapel.fakes.models import ColourEmbedder, ColourFeatures, PlainPrints
from lapel.infer.gallery_search import TfliteSearch
from lapel.infer.tflite import Runtime
from lapel.matching import Recall, Shortlists
from matching.test_recall import RED, engines_of, entry, gallery_of, plain, reference, sighting

TODAY = date(2026, 6, 1)
NEAR_RED = ((200, 20, 20), (198, 20, 22), (196, 22, 20))


@dataclass(frozen=True, eq=False)
class Changed(Gallery):
    """A list of which references ``broken``, and entries, are not what was sealed."""

    broken: set[int] = field(default_factory=set)
    broken_entries: set[int] = field(default_factory=set)
    unread: bool = False

    def reference(self, place: int) -> Reference:
        if self.unread:
            raise StoreError("list: cannot be read")
        if place in self.broken:
            raise Tampered(f"list: was changed near reference {place}")
        return super().reference(place)

    def entry_at(self, number: int) -> Entry:
        if number in self.broken_entries:
            raise Tampered(f"list: was changed near entry {number}")
        return super().entry_at(number)

    def owner(self, place: int) -> Entry:
        return self.entry_at(place // 2)


class ChangedRows:
    """Rows that can be read in order, as when a list was opened, and some of them no more by number."""

    def __init__(self, rows: NDArray[np.int8], *broken: int) -> None:
        self._rows, self._broken = rows, set(broken)
        self.shape = rows.shape

    def __getitem__(self, rows: slice | NDArray[np.intp], /) -> NDArray[np.int8]:
        wrong = () if isinstance(rows, slice) else tuple(int(row) for row in rows if int(row) in self._broken)
        if wrong:
            raise RowsTampered(wrong, "list: was changed near its rows")
        return self._rows[rows]


def listed() -> Changed:
    """Three entries of nearly the same red, two references each; one may be read by a code."""
    entries = (entry("first", codes=("9506000134352",)), entry("second"), entry("third"))
    references = tuple(
        reference(each.id, colour) for each, colour in zip(entries, NEAR_RED, strict=True) for _ in range(2)
    )
    plain_list = gallery_of(entries, references, date(2026, 12, 1))
    return Changed(plain_list.terms, plain_list.model_sha256, entries, references)


@dataclass
class Watch:
    """Looks at red things, and what was said meanwhile."""

    listed: Changed
    engines: Shortlists | None = None
    said: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        engines = self.engines or engines_of(self.listed.references)
        models = (ColourEmbedder(), ColourFeatures(), PlainPrints())
        self.recall = Recall(
            self.listed, engines, *models, WATCHING, lambda: TODAY, 0, 6, lambda name, why: self.told(name, why)
        )

    def told(self, name: str, why: Refused) -> None:
        self.said.append((name, str(why)))

    def found(self) -> set[str]:
        return {match.entry.id for match in self.recall.candidates(sighting(RED), 9)}

    def read(self) -> list[str]:
        frame = Frame(plain(RED), 0, 0.0)
        code = Code(CodeKind.GTIN, "9506000134352")
        return [hit.entry.id for hit in self.recall.read(frame, FixedCodes(code))]


def test_an_entry_with_a_changed_reference_is_left_out_with_all_its_others_and_said_once() -> None:
    watch = Watch(listed())
    watch.listed.broken.add(3)
    assert [watch.found(), watch.found()] == [{"first", "third"}, {"first", "third"}]
    assert watch.said == [("second", "list: was changed near reference 3")]


def test_an_entry_whose_own_text_was_changed_is_left_out() -> None:
    watch = Watch(listed())
    watch.listed.broken_entries.add(0)
    assert (watch.found(), watch.read()) == ({"second", "third"}, [])
    assert {name for name, _ in watch.said} == {
        "the entry of reference 0",
        "the entry of reference 1",
        "entry number 0",
    }


def test_a_code_of_an_entry_that_was_left_out_is_read_no_more() -> None:
    watch = Watch(listed())
    assert watch.read() == ["first"]
    watch.listed.broken.add(1)
    watch.found()
    assert watch.read() == []


@pytest.mark.models
@pytest.mark.parametrize("by", ["descriptors", "aggregates"])
def test_rows_that_were_changed_leave_out_their_entry_alone(by: str, runtime: Runtime) -> None:
    gallery = listed()
    rows = {name: getattr(gallery, name).stored for name in ("descriptors", "aggregates")}
    rows[by] = ChangedRows(rows[by], 4)
    watch = Watch(gallery, Shortlists(*(TfliteSearch(each, runtime) for each in rows.values())))
    assert [watch.found(), watch.found()] == [{"first", "second"}, {"first", "second"}]
    assert watch.said == [("third", "list: was changed near its rows")]


def test_a_hit_is_shown_with_the_picture_that_was_compared() -> None:
    watch = Watch(listed())
    (match,) = watch.recall.candidates(sighting(RED), 1)
    watch.listed.broken.update(range(6))
    assert watch.recall.hit(match, sighting(RED)).reference_picture == watch.listed.references[match.reference].picture


def test_a_list_of_which_a_hundred_entries_were_changed_is_refused_as_a_whole() -> None:
    count = MOST_LEFT_OUT + 1
    entries = tuple(entry(f"thing-{n}") for n in range(count))
    references = tuple(reference(each.id, RED) for each in entries for _ in range(2))
    made = gallery_of(entries, references, date(2026, 12, 1))
    changed = Changed(made.terms, made.model_sha256, entries, references, broken=set(range(2 * count)))
    reader = CarefulReader(changed, lambda name, why: None)
    for number in range(MOST_LEFT_OUT):
        assert reader.reference(2 * number, entries[number]) is None
    with pytest.raises(Tampered):
        reader.reference(2 * MOST_LEFT_OUT, entries[MOST_LEFT_OUT])


def test_where_nobody_is_told_a_changed_reference_is_refused() -> None:
    changed = listed()
    changed.broken.add(0)
    with pytest.raises(Tampered):
        CarefulReader(changed, None).reference(0, changed.entries[0])


def test_a_disk_that_cannot_be_read_is_no_changed_entry() -> None:
    watch = Watch(Changed(*_parts(listed()), unread=True))
    with pytest.raises(StoreError):
        watch.found()


def test_what_is_left_out_is_a_record_that_names_it() -> None:
    event = left_out_event("crate-7", Tampered("list: was changed near byte 9" + "!" * 999))
    facts = dict(event.facts)
    assert (event.kind, facts["entry"]) == (RecordKind.REFUSAL, "crate-7")
    assert len(str(facts["why"])) == 500


def _parts(gallery: Gallery) -> tuple[object, ...]:
    return gallery.terms, gallery.model_sha256, gallery.entries, gallery.references
