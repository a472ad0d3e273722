"""Barcodes drawn here, read by the real reader."""

import cv2
import numpy as np
import pytest
import zxingcpp

from lapel.core.codes import Code, CodeKind, EveryCode, ListedCodes
from lapel.core.things import Frame, Pixels
from lapel.infer.barcode import BarcodeReader

WHITE = 255


def drawn(text: str, symbology: str, scale: int = 3) -> Frame:
    """A frame that shows one barcode on white."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(symbology))
    grey = np.array(zxingcpp.write_barcode_to_image(barcode, scale=scale), np.uint8)
    margin = 12 * scale
    pixels: Pixels = np.repeat(np.pad(grey, margin, constant_values=WHITE)[..., None], 3, axis=2)
    return Frame(np.ascontiguousarray(pixels), 0, 0.0)


def test_a_listed_serial_is_read() -> None:
    reader = BarcodeReader(ListedCodes(["WTU123456789"]))
    assert reader.read(drawn("WTU123456789", "QRCode")) == (Code(CodeKind.SERIAL, "WTU123456789"),)


def test_a_serial_that_is_not_listed_is_discarded() -> None:
    assert BarcodeReader(ListedCodes(["WTU123456789"])).read(drawn("WTU123456780", "QRCode")) == ()


def test_a_retail_code_is_read_as_digits_alone() -> None:
    assert BarcodeReader(ListedCodes([])).read(drawn("4006381333931", "EAN13")) == (
        Code(CodeKind.GTIN, "4006381333931"),
    )


@pytest.mark.parametrize(
    "text", ["BEGIN:VCARD\nN:Owen;Sean\nEND:VCARD", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"]
)
def test_a_document_about_a_person_is_not_read_even_when_every_code_counts(text: str) -> None:
    assert BarcodeReader(EveryCode()).read(drawn(text, "QRCode")) == ()


def test_a_picture_without_a_barcode_has_no_code() -> None:
    assert BarcodeReader(EveryCode()).read(Frame(np.full((90, 120, 3), WHITE, np.uint8), 0, 0.0)) == ()


def test_bars_too_soft_for_the_first_try_are_read_by_the_second() -> None:
    sharp = drawn("4006381333931", "EAN13", scale=4).pixels
    soft = cv2.GaussianBlur(cv2.resize(sharp, None, fx=0.45, fy=0.45, interpolation=cv2.INTER_AREA), (0, 0), 0.8)
    assert not zxingcpp.read_barcodes(cv2.cvtColor(soft, cv2.COLOR_RGB2GRAY))
    frame = Frame(np.asarray(soft, np.uint8), 0, 0.0)
    assert BarcodeReader(EveryCode()).read(frame) == (Code(CodeKind.GTIN, "4006381333931"),)
