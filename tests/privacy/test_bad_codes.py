"""Of codes that are wrong, overlong, malicious or not listed nothing is kept: no alert, no record, no line."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from codes_of_people import DOCUMENTS
from footage import write_picture
from lapel.config.profile import load_profile
from lapel.core.gallery import Gallery, Terms
from lapel.core.things import Entry, Kind, Pixels
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters
from lapel.wiring.lookout import Orders, build_lookout
from lapel.wiring.seeing import open_seeing

SERIAL = "WTU123456789"
LISTED = (SERIAL, "33/1203", "CSQU3054383", "sign:flame", "4006381333931")
BAD = {
    "of something that is not listed": "WTU123456780",
    "overlong": "A1" * 300,
    "a listed serial with a command to the terminal": SERIAL + "\x1b[2J",
    "a listed serial with a zero byte": SERIAL + "\x00",
    "a listed serial in a link": f"https://example.org/{SERIAL}",
    "a command to a database": "'; DROP TABLE records; --",
    "a path": "../../../etc/passwd",
    "a format": "%s%s%n{0.__class__}",
    "a listed panel, printed by anybody": "33/1203",
    "a listed container, printed by anybody": "CSQU3054383",
    "a listed sign, printed by anybody": "sign:flame",
    "a visiting card around a listed serial": f"BEGIN:VCARD\nFN:A. Example\nNOTE:{SERIAL}\nEND:VCARD",
    "a driving licence": DOCUMENTS["a driving licence"],
}
OF_PEOPLE = (
    *(DOCUMENTS[f"a driving licence{how}"] for how in ("", " without its first sign")),
    "MH 12 DE 1433",
    "BADGE 4711",
)


def shown(text: str) -> Pixels:
    """A QR code on grey, large enough to be read."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    grey = np.array(zxingcpp.write_barcode_to_image(barcode, scale=4), np.uint8)
    return np.ascontiguousarray(np.repeat(np.pad(grey, 40, constant_values=235)[..., None], 3, axis=2))


def watched(folder: Path, *texts: str, listed: tuple[str, ...] = LISTED) -> tuple[list[str], str]:
    """The codes that a watch alerts to, and all that its journal holds, as text."""
    for place, text in enumerate(texts):
        write_picture(folder / f"{place:02d}.png", shown(text))
    clock = SystemClock()
    ends = clock.today() + timedelta(days=30)
    entry = Entry("box-1", "Box", Kind.BOX, "p", "c", "a", ends, codes=listed)
    seeing = open_seeing(load_profile("ci-video"))
    gallery = Gallery(Terms("codes", 1, clock.today(), ends), seeing.models.describing_sha256, (entry,), ())
    alerter, journal = RecordingAlerter(), MemoryJournal(clock)
    orders = Orders(str(folder), Path(), Path(), is_live=False, console=False)
    profile = load_profile("ci-video")
    build_lookout(profile, orders, seeing, gallery, journal, alerter, Meters(), clock).keep_watch()
    return [alert.hit.code for alert in alerter.alerts], "".join(str(record) for record in journal.after(-1, 1000))


def test_of_bad_barcodes_nothing_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alerted, kept = watched(tmp_path, *BAD.values())
    assert (alerted, kept) == ([], "")
    printed = capsys.readouterr()
    assert [why for why, text in BAD.items() if text[:12] in printed.out + printed.err] == []


def test_what_is_about_people_is_not_read_where_a_list_that_was_made_elsewhere_holds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alerted, kept = watched(tmp_path, *OF_PEOPLE, SERIAL, listed=(*OF_PEOPLE, SERIAL))
    assert alerted == [SERIAL]
    printed = capsys.readouterr()
    assert [text for text in OF_PEOPLE if text[-12:] in kept + printed.out + printed.err] == []


def test_the_same_watch_alerts_to_the_listed_serial_alone(tmp_path: Path) -> None:
    alerted, kept = watched(tmp_path, BAD["a listed serial in a link"], SERIAL)
    assert alerted == [SERIAL]
    assert SERIAL in kept
    assert "example.org" not in kept


@pytest.mark.parametrize("text", [*BAD.values(), *OF_PEOPLE])
def test_the_bad_barcodes_can_be_read_by_anybody(text: str) -> None:
    (found,) = zxingcpp.read_barcodes(shown(text), text_mode=zxingcpp.TextMode.Plain)
    assert found.text == text
