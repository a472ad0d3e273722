"""Pictures: absurd sizes are refused from the header alone, and so is everything that is no picture."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import noise, picture, write_picture
from lapel.capture.folder import PictureFolder
from lapel.capture.picture import read_picture
from lapel.capture.picture_size import read_header
from lapel.errors import MediaError


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size, with next to nothing behind it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def refusal(path: Path) -> str:
    with pytest.raises(MediaError) as refused:
        read_picture(path)
    return str(refused.value)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_the_header_says_the_size_that_is_decoded(tmp_path: Path, suffix: str) -> None:
    path = write_picture(tmp_path / f"photo{suffix}", noise(70, 50))
    header = read_header(path.read_bytes())
    assert header is not None
    assert (header.width_px, header.height_px, header.is_complete) == (70, 50, True)
    assert read_picture(path).pixels.shape == (50, 70, 3)


def test_a_lossless_webp_says_its_size(tmp_path: Path) -> None:
    _, data = cv2.imencode(".webp", noise(33, 21), [cv2.IMWRITE_WEBP_QUALITY, 101])
    header = read_header(data.tobytes())
    assert header is not None
    assert (header.width_px, header.height_px) == (33, 21)


def test_a_picture_of_100_megapixels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(png_claiming(10_000, 10_000))
    assert refusal(tmp_path / "huge.png") == (
        f"{tmp_path}/huge.png: 10000×10000 px is 100 megapixels or more; scale it down"
    )


def test_a_picture_of_no_pixels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none.png").write_bytes(png_claiming(0, 40))
    assert "none.png: 0×40 px is no picture" in refusal(tmp_path / "none.png")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_a_truncated_picture_is_refused(tmp_path: Path, suffix: str) -> None:
    whole = write_picture(tmp_path / f"whole{suffix}", noise(90, 80)).read_bytes()
    (tmp_path / f"cut{suffix}").write_bytes(whole[: len(whole) * 2 // 3])
    assert "truncated" in refusal(tmp_path / f"cut{suffix}")


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(png_claiming(64, 64))
    assert "bad.png: damaged" in refusal(tmp_path / "bad.png")


def test_missing_empty_and_other_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "letter.jpg").write_text("a letter")
    assert "no such file" in refusal(tmp_path / "gone.jpg")
    assert "empty (0 bytes)" in refusal(tmp_path / "empty.jpg")
    assert "not a picture; give a JPEG, PNG, WebP or BMP file" in refusal(tmp_path / "letter.jpg")


@pytest.mark.parametrize("length", range(2, 60, 3))
def test_a_header_cut_anywhere_is_not_read_past_its_end(tmp_path: Path, length: int) -> None:
    jpeg = write_picture(tmp_path / "photo.jpg", noise(70, 50)).read_bytes()
    header = read_header(jpeg[:length])
    assert header is None or not header.is_complete


def test_a_folder_is_read_by_name(tmp_path: Path) -> None:
    for grey, name in ((30, "b.png"), (60, "a.png"), (90, "c.jpg")):
        write_picture(tmp_path / name, picture(grey))
    (tmp_path / "notes.txt").write_text("not a picture")
    folder = PictureFolder(tmp_path)
    folder.open()
    greys = []
    while (frame := folder.read()) is not None:
        greys.append((frame.number, int(np.median(frame.pixels))))
    assert greys == [(0, 60), (1, 30), (2, 90)]
    assert folder.ending.endswith("end of folder after 3 pictures")


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no pictures in this folder"):
        PictureFolder(tmp_path).open()
