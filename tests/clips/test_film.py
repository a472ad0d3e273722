"""A cut becomes a film that opens, and a sheet that can be looked at."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import noise
from lapel.clips.film import film_of
from lapel.clips.sheet import COLUMNS, WIDTH_PX, _chosen, contact_sheet, pictures_of
from lapel.clips.still import still_of
from lapel.core.clips import Cut, Told
from lapel.core.things import Pixels, Scene
from lapel.errors import CropTooSmall, MediaError


def scene(pixels: Pixels) -> Scene:
    return Scene((), 0, pixels)


def cut(count: int = 16, width: int = 64, height: int = 48, every_s: float = 0.2) -> Cut:
    """Stills that grow brighter, the first at 7 s, and an alert in the middle."""
    pictures = (np.full((height, width, 3), 10 + 10 * number % 240, np.uint8) for number in range(count))
    stills = tuple(still_of(scene(p), 7.0 + number * every_s, 960) for number, p in enumerate(pictures))
    return Cut((Told("ab" * 16, "crate", 7.0 + count // 2 * every_s),), stills)


def test_a_film_holds_every_still_in_order() -> None:
    film = film_of(cut())
    greys = [float(picture.mean()) for picture in pictures_of(film.content, "clip")]
    assert greys == pytest.approx([10 + 10 * number for number in range(16)], abs=2)


def test_a_film_file_opens_in_a_player_at_its_own_pace(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    path.write_bytes(film_of(cut(width=66)).content)
    player = cv2.VideoCapture(str(path))
    assert player.isOpened()
    size = (player.get(cv2.CAP_PROP_FRAME_WIDTH), player.get(cv2.CAP_PROP_FRAME_HEIGHT))
    assert size == (66, 48)
    assert player.get(cv2.CAP_PROP_FPS) == pytest.approx(5, abs=0.01)
    assert player.get(cv2.CAP_PROP_FRAME_COUNT) == 16


def test_a_film_of_a_single_still_opens() -> None:
    assert len(list(pictures_of(film_of(cut(1)).content, "clip"))) == 1


def test_a_still_is_no_larger_than_asked_and_never_larger_than_the_scene() -> None:
    wide, small = still_of(scene(noise(1281, 721)), 0, 960), still_of(scene(noise(65, 49)), 0, 960)
    assert (wide.width_px, wide.height_px) == (960, 540)
    assert (small.width_px, small.height_px) == (64, 48)


def test_a_scene_too_small_for_a_film_is_named() -> None:
    with pytest.raises(CropTooSmall, match="1 × 48"):
        still_of(scene(noise(1, 48)), 0, 960)


def test_a_sheet_shows_at_most_as_many_stills_as_asked_for() -> None:
    film = film_of(cut(50))
    sheet = cv2.imdecode(np.frombuffer(contact_sheet(film.head, film.content, 8), np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None
    assert sheet.shape[1] == COLUMNS * WIDTH_PX
    assert sheet.shape[0] == 2 * (240 + 18)


def test_a_sheet_shows_the_still_of_each_alert() -> None:
    alerts = tuple(Told(f"{number:032x}", "crate", 7.0 + number) for number in (1, 3, 5))
    head = film_of(Cut(alerts, cut(50).stills)).head
    assert set(_chosen(head, 6)) >= {5, 15, 25}
    assert len(_chosen(head, 6)) <= 6
    assert _chosen(head, 2) == [5, 15]


def test_a_film_that_is_none_has_no_sheet() -> None:
    with pytest.raises(MediaError, match="does not open"):
        contact_sheet(film_of(cut()).head, b"RIFF nothing")


def test_a_film_that_lacks_stills_has_no_sheet() -> None:
    with pytest.raises(MediaError, match="8 of its 16 stills"):
        contact_sheet(film_of(cut()).head, film_of(cut(8)).content)
