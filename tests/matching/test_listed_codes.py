"""Codes as people write them, drawn as bars, read by the real reader: every entry on which one stands alerts."""

from datetime import date, timedelta

import pytest

from infer.test_barcode import drawn
from lapel.core.calibrate import WATCHING
from lapel.core.codes import Code, CodeKind, ListedCodes
from lapel.core.gallery import Gallery
from lapel.core.things import Entry, Frame
from lapel.fakes.codes import FixedCodes
from lapel.fakes.models import ColourEmbedder, ColourFeatures, PlainPrints
from lapel.infer.barcode import BarcodeReader
from lapel.matching import Recall
from lapel.ports import CodeReader
from matching.test_recall import RED, TODAY, engines_of, gallery_of, plain, reference
from matching.test_recall import entry as made

WHITE = Frame(plain((255, 255, 255)), 0, 0.0)


def found_on(gallery: Gallery, frame: Frame, reader: CodeReader | None = None) -> list[str]:
    """The entries that alert to what is read in a frame, of a list with one reference at least."""
    recall = Recall(
        gallery,
        engines_of(gallery.references),
        ColourEmbedder(),
        ColourFeatures(),
        PlainPrints(),
        WATCHING,
        lambda: TODAY,
    )
    reader = reader or BarcodeReader(ListedCodes(gallery.codes))
    return [hit.entry.id for hit in recall.read(frame, reader)]


def listed(*entries: Entry) -> Gallery:
    return gallery_of(entries, (reference(entries[0].id, RED),), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("written", "printed", "symbology"),
    [
        ("036000291452", "036000291452", "UPCA"),
        ("0 36000 29145 2", "036000291452", "UPCA"),
        ("0036000291452", "036000291452", "UPCA"),
        ("04252614", "0425261", "UPCE"),
        ("042100005264", "0425261", "UPCE"),
        ("01234565", "01234565", "EAN8"),
        ("01234565", "0123456", "UPCE"),
        ("9638 5074", "96385074", "EAN8"),
        ("978-3-16-148410-0", "9783161484100", "EAN13"),
        ("3-16-148410-X", "9783161484100", "EAN13"),
        ("978-3-16-148410-0", "ISBN 978-3-16-148410-0", "QRCode"),
        ("04006381333931", "4006381333931", "EAN13"),
        ("4006381333931", "04006381333931", "ITF"),
        ("036000291452", "036000291452", "Code128"),
        ("316148410X", "316148410X", "Code128"),
        ("serial:4006381333932", "4006381333932", "Code128"),
        ("serial:12-34-5678", "12-34-5678", "Code128"),
    ],
)
def test_a_code_is_found_in_whatever_form_it_was_listed(written: str, printed: str, symbology: str) -> None:
    gallery = listed(made("book", codes=(written,)))  # as a list from elsewhere has it
    assert found_on(gallery, drawn(printed, symbology)) == ["book"]


@pytest.mark.parametrize("printed", ["serial:4006381333932", "4006381333931", "WTU 123456"])
def test_what_is_not_the_listed_code_is_not_found(printed: str) -> None:
    gallery = listed(made("book", codes=("serial:4006381333932", "WTU123456")))
    assert found_on(gallery, drawn(printed, "QRCode")) == []


def test_a_printed_container_s_number_is_no_container_with_dashes_either() -> None:
    gallery = listed(made("box", codes=("CSQU3054383",)))
    assert found_on(gallery, drawn("CSQU-305438-3", "QRCode")) == []


def test_every_entry_on_which_a_code_stands_alerts_once() -> None:
    entries = (
        made("first", codes=("978-3-16-148410-0", "9783161484100")),
        made("other", codes=("WTU123456789",)),
        made("second", codes=("3-16-148410-X",)),
        made("expired", TODAY - timedelta(days=1), codes=("9783161484100",)),
    )
    assert found_on(listed(*entries), drawn("9783161484100", "EAN13")) == ["first", "second"]


def panel_read(gallery: Gallery) -> list[str]:
    return found_on(gallery, WHITE, FixedCodes(Code(CodeKind.ADR, "33/1203")))


def for_purpose(purpose: str, name: str, code: str, expires: date = date(2026, 12, 1)) -> Entry:
    return Entry(name, name, made("x").kind, purpose, "C-1", "Customs", expires, codes=(code,))


def test_a_hazard_number_alone_alerts_beside_a_substance_that_is_listed_for_another_purpose() -> None:
    petrol, unknown = for_purpose("hazards", "petrol", "33/1203"), for_purpose("hazards", "unknown", "33/*")
    tanker, any_tanker = for_purpose("stolen", "tanker", "33/1203"), for_purpose("fuel theft", "any tanker", "33/*")
    assert panel_read(listed(petrol, unknown, tanker, any_tanker)) == ["petrol", "tanker", "any tanker"]


def test_a_substance_whose_entry_has_expired_does_not_silence_its_hazard_number() -> None:
    over = for_purpose("hazards", "petrol", "33/1203", TODAY - timedelta(days=1))
    assert panel_read(listed(over, for_purpose("hazards", "unknown", "33/*"))) == ["unknown"]
