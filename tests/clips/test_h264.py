"""H.264 films, where PyAV is installed, and none where it is not."""

import io

import numpy as np
import pytest

from lapel.clips.film import best_format, film_of
from lapel.clips.h264 import EncoderFailed, h264_mp4, is_installed
from lapel.clips.sheet import contact_sheet, pictures_of
from lapel.clips.still import still_of
from lapel.core.clip_records import FilmFormat
from lapel.core.clips import Cut, Still, Told
from lapel.core.things import Scene

with_av = pytest.mark.skipif(not is_installed(), reason="PyAV: the extra h264, which no lock holds")


def cut(times_s: tuple[float, ...]) -> Cut:
    """Evenly grey stills at these times, each brighter than the one before."""
    pictures = (np.full((96, 128, 3), 20 + 10 * number, np.uint8) for number in range(len(times_s)))
    stills = tuple(still_of(Scene((), 0, p), at_s, 960) for p, at_s in zip(pictures, times_s, strict=True))
    return Cut((Told("ab" * 16, "crate", times_s[0]),), stills)


@with_av
def test_an_h264_film_holds_every_still_in_order() -> None:
    film = film_of(cut(tuple(number / 5 for number in range(20))), FilmFormat.H264)
    greys = [float(picture.mean()) for picture in pictures_of(film.content, "clip")]
    assert greys == pytest.approx([20 + 10 * number for number in range(20)], abs=4)
    assert (film.head.format, film.head.film_bytes) == (FilmFormat.H264, len(film.content))
    assert contact_sheet(film.head, film.content).startswith(b"\xff\xd8")


@with_av
def test_an_h264_film_shows_each_still_at_its_own_time_and_has_no_sound() -> None:
    import av

    times_s = (7.0, 7.2, 7.44, 9.0, 9.2)
    with av.open(io.BytesIO(h264_mp4(cut(times_s).stills))) as film:
        assert [stream.type for stream in film.streams] == ["video"]
        shown = [float(frame.time) for frame in film.decode(video=0)]
    assert shown == pytest.approx([at_s - 7.0 for at_s in times_s], abs=0.002)


@with_av
def test_what_the_encoder_cannot_take_is_its_failure() -> None:
    first, second = cut((0.0, 0.2)).stills
    odd = Still(0.0, 127, 95, first.jpeg)
    with pytest.raises(EncoderFailed, match="Motion JPEG"):
        h264_mp4((odd, second))


def test_without_pyav_clips_are_motion_jpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lapel.clips.film.is_installed", lambda: False)
    assert best_format() is FilmFormat.MJPEG
