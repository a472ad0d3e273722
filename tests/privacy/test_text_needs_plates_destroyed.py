"""Text is read only in frames whose plates were destroyed, and nothing of it is kept but listed numbers."""

from datetime import timedelta
from pathlib import Path

import pytest

from footage import write_picture
from lapel.config.profile import load_profile
from lapel.core.gallery import Gallery, Terms
from lapel.core.things import Entry, Frame, Kind
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters
from lapel.infer.barcode import BarcodeReader
from lapel.infer.plates import PlateFinder
from lapel.lookout import Lookout
from lapel.wiring.lookout import Orders, build_lookout
from lapel.wiring.seeing import Seeing, open_seeing
from lapel_tools.synth.number_scenes import Carrier, NumberScene, render_number

CONTAINER = render_number(Carrier.CONTAINER, 7)
OTHER = render_number(Carrier.CONTAINER, 10)
PLATE = render_number(Carrier.PLATE, 0)


@pytest.fixture(scope="module")
def seeing() -> Seeing:
    return open_seeing(load_profile("ci-video"))


def lookout_for(codes: tuple[str, ...], seeing: Seeing, folder: Path) -> Lookout:
    clock = SystemClock()
    today = clock.today()
    ends = today + timedelta(days=30)
    entry = Entry("box-1", "Container", Kind.CONTAINER, "p", "c", "a", ends, codes=codes)
    gallery = Gallery(Terms("codes", 1, today, ends), seeing.embedder.model_sha256, (entry,), ())
    orders = Orders(str(folder), Path(), Path(), is_live=False, console=False)
    alerter, journal = RecordingAlerter(), MemoryJournal(clock)
    return build_lookout(load_profile("ci-video"), orders, seeing, gallery, journal, alerter, Meters(), clock)


def frames(folder: Path, *scenes: NumberScene) -> Path:
    """A folder of pictures, one second apart."""
    for place, scene in enumerate(scenes):
        write_picture(folder / f"{place}.png", scene.pixels)
    return folder


def test_a_reader_of_written_codes_cannot_be_had_without_the_finder_of_plates(seeing: Seeing) -> None:
    assert not any(isinstance(finder, PlateFinder) for finder in seeing.finders)
    with pytest.raises(ValueError, match="add a PlateFinder"):
        seeing.code_reader(["CSQU3054383"])
    assert seeing.with_plates_destroyed().code_reader(["CSQU3054383"])


def test_where_no_written_code_is_listed_no_text_is_read(seeing: Seeing) -> None:
    assert isinstance(seeing.code_reader(["WTU123456", "4006381333931"]), BarcodeReader)


def test_a_lookout_for_written_codes_destroys_plates_before_a_frame_exists(seeing: Seeing, tmp_path: Path) -> None:
    folder = frames(tmp_path, PLATE)
    (with_codes,) = lookout_for(("CSQU3054383",), seeing, folder).eye.frames()
    (without,) = lookout_for(("WTU123456",), seeing, folder).eye.frames()
    assert covers_plate(with_codes)
    assert not covers_plate(without)


def test_a_listed_number_is_a_hit_at_the_second_look_and_another_one_leaves_no_trace(
    seeing: Seeing, tmp_path: Path
) -> None:
    views = [render_number(Carrier.CONTAINER, 7, view) for view in range(3)]
    lookout = lookout_for((CONTAINER.value,), seeing, frames(tmp_path, *views, OTHER, OTHER))
    lookout.keep_watch()
    alerter, journal = lookout.alerter, lookout.journal
    assert isinstance(alerter, RecordingAlerter)
    assert [alert.hit.code for alert in alerter.alerts] == [CONTAINER.value]
    kept = "".join(str(record) for record in journal.after(-1, 1000))
    assert CONTAINER.value in kept
    assert OTHER.value not in kept


def covers_plate(frame: Frame) -> bool:
    return any(PLATE.box.share_inside(area) > 0.8 for area in frame.destroyed)
