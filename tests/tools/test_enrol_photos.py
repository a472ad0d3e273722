"""What enrolment thinks of pictures: each refusal on a picture drawn here."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from footage import write_picture
from lapel.capture.still import redact_still
from lapel.core.geometry import Box, whole
from lapel.core.things import Frame, Pixels
from lapel.errors import EnrolmentRefused, MediaError, UsageError
from lapel.fakes.finder import FixedFinder
from lapel.fakes.gallery import made_up_entry
from lapel.fakes.models import ColourEmbedder
from lapel.infer.features import SiftFeatures
from lapel_tools.enrol.clarity import LEAST_CRISPNESS, crispness
from lapel_tools.enrol.enrolment import enrol, examine
from lapel_tools.enrol.request import EnrolmentRequest, EnrolmentTools, Photo
from lapel_tools.enrol.verdict import Outcome, PhotoVerdict, judge
from lapel_tools.enrol.wording import destroyed
from lapel_tools.synth.spoilt import at_night, at_px
from lapel_tools.synth.things import render

TODAY = date(2026, 3, 1)
ENTRY = made_up_entry("crate-17", date(2026, 6, 1))
NOBODY: tuple[Box, ...] = ()


class MadeUpPeople:
    """A meter that says what it was told to (port PeopleMeter)."""

    def __init__(
        self, faces: tuple[Box, ...] = NOBODY, shares: dict[float, float] | None = None, plate: float = 0.0
    ) -> None:
        self._faces = faces
        self._shares = shares or {}
        self._plate = plate

    def confident_faces(self, picture: Path) -> tuple[Box, ...]:
        return self._faces

    def people_share(self, pixels: Pixels, least_score: float) -> float:
        return self._shares.get(least_score, 0.0)

    def plate_share(self, pixels: Pixels) -> float:
        return self._plate


def tools(people: MadeUpPeople | None = None, destroyed: tuple[Box, ...] = NOBODY) -> EnrolmentTools:
    def read(path: Path) -> Frame:
        return redact_still(path, (FixedFinder(destroyed),))

    return EnrolmentTools(read, people or MadeUpPeople(), ColourEmbedder(), SiftFeatures(), TODAY)


def verdict_on(pixels: Pixels, folder: Path, people: MadeUpPeople | None = None, **where: object) -> PhotoVerdict:
    path = write_picture(folder / "thing.png", pixels)
    return judge(replace(Photo("thing.png", path), **where), "crate-17", tools(people))  # type: ignore[arg-type]


def assert_refused(verdict: PhotoVerdict, reason: str, remedy: str) -> None:
    assert verdict.outcome is Outcome.REFUSED
    assert verdict.reference is None
    assert reason in verdict.reason
    assert remedy in verdict.reason


def test_a_sharp_picture_of_a_printed_thing_becomes_a_reference(tmp_path: Path) -> None:
    verdict = verdict_on(render(0).pixels, tmp_path)
    assert verdict.outcome is Outcome.USABLE
    assert verdict.reference is not None
    assert verdict.reference.entry_id == "crate-17"
    assert len(verdict.reference.features.points) == verdict.points >= 60
    assert verdict.reference.descriptors.shape == (1, ColourEmbedder.dimensions)


def test_the_picture_kept_for_the_officer_is_a_jpeg_of_at_most_64_kib(tmp_path: Path) -> None:
    noisy = np.random.default_rng(1).integers(0, 256, (1500, 2000, 3), np.uint8)
    reference = verdict_on(noisy, tmp_path).reference
    assert reference is not None
    assert len(reference.picture) <= 64 * 1024
    assert cv2.imdecode(np.frombuffer(reference.picture, np.uint8), cv2.IMREAD_COLOR) is not None


def test_the_picture_kept_for_the_officer_holds_no_face(tmp_path: Path) -> None:
    face = Box(200, 200, 240, 240)
    path = write_picture(tmp_path / "thing.png", render(0).pixels)
    reference = judge(Photo("thing.png", path), "crate-17", tools(destroyed=(face,))).reference
    assert reference is not None
    shown = cv2.imdecode(np.frombuffer(reference.picture, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    inside = shown[210:230, 210:230].astype(int)
    assert np.abs(inside - 127).max() < 12


@pytest.mark.parametrize("sigma_px", [4.0, 6.0, 9.0])
@pytest.mark.parametrize("seed", range(6))
def test_a_blurred_picture_is_refused(seed: int, sigma_px: float, tmp_path: Path) -> None:
    blurred = np.asarray(cv2.GaussianBlur(render(seed).pixels, (0, 0), sigma_px), np.uint8)
    assert_refused(verdict_on(blurred, tmp_path), "thing.png: blurred", "hold still")


@pytest.mark.parametrize("kernel", [np.full((1, 21), 1 / 21), np.full((21, 1), 1 / 21), np.eye(21) / 21])
def test_a_picture_blurred_by_motion_in_any_direction_is_refused(kernel: NDArray[np.float64], tmp_path: Path) -> None:
    moved = np.asarray(cv2.filter2D(render(0).pixels, -1, kernel), np.uint8)
    assert_refused(verdict_on(moved, tmp_path), "thing.png: blurred", "hold still")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("view", [0, 1])
def test_a_sharp_picture_is_not_taken_for_a_blurred_one(seed: int, view: int) -> None:
    sharp = crispness(render(seed, view).pixels)
    assert sharp is not None
    assert sharp > LEAST_CRISPNESS


def test_a_blank_wall_is_refused(tmp_path: Path) -> None:
    wall = np.random.default_rng(2).normal(170, 3, (480, 640, 3)).clip(0, 255).astype(np.uint8)
    assert_refused(verdict_on(wall, tmp_path), "shows nothing that could be found again", "with print or marks")


def test_how_much_of_the_thing_was_taken_for_a_face_is_told(tmp_path: Path) -> None:
    write_picture(tmp_path / "thing.png", render(0).pixels)
    photo = Photo("thing.png", tmp_path / "thing.png")
    verdict = judge(photo, "crate-17", tools(destroyed=(Box(200, 150, 360, 300),)))
    assert verdict.destroyed == pytest.approx(160 * 150 / (640 * 480), abs=0.02)
    assert destroyed(verdict).startswith("8% of it was taken for a face and destroyed")
    assert destroyed(judge(photo, "crate-17", tools())) == ""


def test_a_dark_picture_is_refused_for_want_of_light(tmp_path: Path) -> None:
    assert_refused(verdict_on(at_night(0.1, 3.0)(render(0).pixels), tmp_path), "too dark", "in better light")


def test_a_picture_of_4000_px_is_kept_no_larger_than_others(tmp_path: Path) -> None:
    verdict = verdict_on(at_px(4000)(render(0).pixels), tmp_path)
    assert verdict.outcome is Outcome.USABLE
    assert verdict.reference is not None
    assert len(verdict.reference.picture) < 64 * 1024


def test_a_tiny_picture_is_refused(tmp_path: Path) -> None:
    tiny = np.asarray(cv2.resize(render(0).pixels, (84, 63), interpolation=cv2.INTER_AREA), np.uint8)
    assert_refused(verdict_on(tiny, tmp_path), "the thing is 84×63 px", "from nearer")


def test_a_thing_that_is_tiny_in_a_large_picture_is_refused(tmp_path: Path) -> None:
    verdict = verdict_on(render(0).pixels, tmp_path, outline=Box(300, 200, 363, 300))
    assert_refused(verdict, "the thing is 63×100 px", "from nearer")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"not a picture at all", "not a picture"), (b"\xff\xd8\xff\xe0" + b"\0" * 40, "thing.jpg")],
)
def test_an_unreadable_picture_is_a_media_error_that_names_it(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "thing.jpg"
    path.write_bytes(content)
    verdict = judge(Photo(str(path), path), "crate-17", tools())
    assert isinstance(verdict.error, MediaError)
    assert verdict.error.exit_code == 2
    assert str(path) in verdict.reason
    assert reason in verdict.reason


@pytest.mark.parametrize("size", [(0, 0), (10_000, 10_000), (60_000, 60_000)])
def test_a_picture_of_0_or_of_100_megapixels_is_refused_before_it_is_decoded(
    size: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "thing.png"
    encoded = bytearray(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    encoded[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")  # IHDR: width, height
    path.write_bytes(bytes(encoded))
    verdict = judge(Photo(str(path), path), "crate-17", tools())
    assert isinstance(verdict.error, MediaError)
    assert f"{size[0]}×{size[1]}" in verdict.reason


@pytest.mark.parametrize(
    ("faces", "shares", "reason"),
    [
        ((Box(300, 100, 340, 160),), {}, "a face takes up 12% of its height"),
        ((Box(300, 100, 330, 140),), {0.35: 0.3}, "a face takes up 8% of its height"),
        (NOBODY, {0.44: 0.75}, "people fill 75%"),
    ],
)
def test_a_picture_that_is_mainly_of_a_person_is_refused(
    faces: tuple[Box, ...], shares: dict[float, float], reason: str, tmp_path: Path
) -> None:
    verdict = verdict_on(render(0).pixels, tmp_path, MadeUpPeople(faces, shares))
    assert_refused(verdict, reason, "take a picture of the thing alone, or outline it")


def test_a_hand_that_the_detector_is_not_sure_to_be_a_person_does_not_refuse_what_it_holds(tmp_path: Path) -> None:
    verdict = verdict_on(render(0).pixels, tmp_path, MadeUpPeople(NOBODY, {0.3: 0.95, 0.4: 0.95}))
    assert verdict.outcome is Outcome.USABLE


def test_a_picture_that_is_mainly_a_plate_is_refused(tmp_path: Path) -> None:
    verdict = verdict_on(render(0).pixels, tmp_path, MadeUpPeople(plate=0.8))
    assert_refused(verdict, "a plate fills 80%", "take a picture of the thing alone")


def test_a_small_face_beside_the_thing_does_not_refuse_it(tmp_path: Path) -> None:
    verdict = verdict_on(render(0).pixels, tmp_path, MadeUpPeople((Box(0, 0, 30, 40),), {0.35: 0.1}))
    assert verdict.outcome is Outcome.USABLE


def test_a_face_outside_the_outline_does_not_refuse_the_thing(tmp_path: Path) -> None:
    people = MadeUpPeople((Box(0, 0, 100, 120),))
    verdict = verdict_on(render(0).pixels, tmp_path, people, outline=Box(200, 150, 600, 470))
    assert verdict.outcome is Outcome.USABLE


def test_a_frame_of_which_half_was_destroyed_is_refused() -> None:
    pixels = render(0).pixels
    frame = Frame(pixels, 0, 0.0, (Box(0, 0, 640, 260),))
    assert_refused(judge(Photo("frame 7", frame), "crate-17", tools()), "54% of it was destroyed as a face", "outline")


def test_a_frame_of_which_several_areas_destroyed_half_between_them_is_refused() -> None:
    frame = Frame(render(0).pixels, 0, 0.0, (Box(0, 0, 640, 150), Box(0, 150, 640, 260)))
    assert_refused(judge(Photo("frame 7", frame), "crate-17", tools()), "54% of it was destroyed as a face", "outline")


def test_a_frame_of_which_two_fifths_were_destroyed_is_refused_and_one_of_a_third_is_not() -> None:
    pixels = render(0).pixels
    most, less = (Frame(pixels, 0, 0.0, (Box(0, 0, 640, edge),)) for edge in (200, 160))
    assert_refused(judge(Photo("frame 7", most), "crate-17", tools()), "42% of it was destroyed as a face", "outline")
    assert judge(Photo("frame 8", less), "crate-17", tools()).outcome is not Outcome.REFUSED


def test_what_several_areas_destroyed_is_told_once(tmp_path: Path) -> None:
    write_picture(tmp_path / "thing.png", render(0).pixels)
    areas = (Box(200, 150, 360, 300), Box(200, 150, 350, 310))
    verdict = judge(Photo("thing.png", tmp_path / "thing.png"), "crate-17", tools(destroyed=areas))
    assert destroyed(verdict).startswith("8% of it was taken for a face and destroyed")


def test_only_features_inside_the_mask_are_kept(tmp_path: Path) -> None:
    thing = render(0)
    masked = verdict_on(thing.pixels, tmp_path, mask=thing.outline)
    assert masked.reference is not None
    rows, columns = np.flatnonzero(thing.outline.any(axis=1)), np.flatnonzero(thing.outline.any(axis=0))
    shifted = masked.reference.features.points + np.array([columns[0], rows[0]])
    inside = thing.outline[shifted[:, 1].astype(int), shifted[:, 0].astype(int)]
    assert inside.mean() > 0.99
    assert (masked.width_px, masked.height_px) == (np.ptp(columns) + 1, np.ptp(rows) + 1)


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    verdict = verdict_on(render(0).pixels, tmp_path, mask=np.ones((10, 10), np.bool_))
    assert isinstance(verdict.error, UsageError)
    assert "the mask has 10×10 px and the picture 640×480 px" in verdict.reason


@pytest.mark.parametrize("outline", [Box(700, 0, 900, 100), Box(200, 150, 641, 470), Box(-1, 0, 640, 480)])
def test_an_outline_that_goes_beyond_the_picture_is_refused(outline: Box, tmp_path: Path) -> None:
    verdict = verdict_on(render(0).pixels, tmp_path, outline=outline)
    assert isinstance(verdict.error, UsageError)
    assert (
        f"{outline.x0},{outline.y0},{outline.x1},{outline.y1} goes beyond the picture of 640×480 px" in verdict.reason
    )


def test_an_outline_may_touch_the_picture_s_edges(tmp_path: Path) -> None:
    assert verdict_on(render(0).pixels, tmp_path, outline=Box(0, 0, 640, 480)).error is None


def test_a_thing_with_little_texture_is_taken_with_a_warning(tmp_path: Path) -> None:
    plain = np.full((480, 640, 3), 200, np.uint8)
    plain[150:330, 220:420] = (30, 60, 120)
    verdict = verdict_on(plain, tmp_path)
    assert verdict.outcome is Outcome.SHORTLIST_ONLY
    assert verdict.reference is not None
    assert "it can be shortlisted, not decided on" in verdict.reason
    assert "or a code" in verdict.reason


def test_a_frame_that_is_redacted_already_is_taken_as_it_is() -> None:
    pixels = render(0).pixels
    references = enrol(EnrolmentRequest(ENTRY, (Photo("frame 7", Frame(pixels, 7, 0.3)),)), tools())
    assert (references[0].features.width, references[0].features.height) == (pixels.shape[1], pixels.shape[0])


def test_every_picture_is_judged_although_the_first_is_refused(tmp_path: Path) -> None:
    good = write_picture(tmp_path / "good.png", render(0).pixels)
    photos = (Photo("absent.png", tmp_path / "absent.png"), Photo("good.png", good))
    verdicts = examine(EnrolmentRequest(ENTRY, photos), tools())
    assert [v.outcome for v in verdicts] == [Outcome.REFUSED, Outcome.USABLE]


def test_nothing_is_enrolled_when_one_of_three_pictures_is_refused(tmp_path: Path) -> None:
    good = write_picture(tmp_path / "good.png", render(0).pixels)
    wall = write_picture(tmp_path / "wall.png", np.full((200, 200, 3), 90, np.uint8))
    other = write_picture(tmp_path / "other.png", render(0, 1).pixels)
    photos = tuple(Photo(path.name, path) for path in (good, other, wall))
    with pytest.raises(EnrolmentRefused, match=r"wall\.png.*nothing of the 3 pictures was enrolled"):
        enrol(EnrolmentRequest(ENTRY, photos), tools())


def test_a_copy_of_a_picture_is_refused_and_both_are_named(tmp_path: Path) -> None:
    names = ("one.png", "other.png", "copy.bmp")  # of the same pixels, in another file
    pictures = [render(0).pixels, render(0, 1).pixels, render(0).pixels]
    paths = [write_picture(tmp_path / name, pixels) for name, pixels in zip(names, pictures, strict=True)]
    verdicts = examine(EnrolmentRequest(ENTRY, tuple(Photo(path.name, path) for path in paths)), tools())
    assert [v.outcome for v in verdicts] == [Outcome.USABLE, Outcome.USABLE, Outcome.REFUSED]
    assert_refused(verdicts[2], "copy.bmp: is the same picture as one.png", "take another one from elsewhere")


def test_a_picture_that_the_entry_has_already_is_refused(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "again.png", render(0).pixels)
    request = EnrolmentRequest(ENTRY, (Photo(path.name, path),))
    (verdict,) = examine(request, tools(), enrol(request, tools()))
    assert_refused(verdict, "again.png: is the same picture as one that the entry has already", "leave it out")


def test_an_entry_needs_a_picture_or_a_code() -> None:
    with pytest.raises(EnrolmentRefused, match="neither a picture nor a code"):
        enrol(EnrolmentRequest(replace(ENTRY, codes=()), ()), tools())
    assert enrol(EnrolmentRequest(replace(ENTRY, codes=("WTU123456789",)), ()), tools()) == ()


def test_the_whole_picture_is_the_thing_where_no_outline_is_given(tmp_path: Path) -> None:
    verdict = verdict_on(render(0).pixels, tmp_path)
    assert whole(verdict.width_px, verdict.height_px) == whole(640, 480)
