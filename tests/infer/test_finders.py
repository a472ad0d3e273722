"""The parts of the finders that are arithmetic: views, decoding, heads about faces, head parts."""

import importlib
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from footage import noise
from lapel.core.geometry import Box
from lapel.infer import centerface
from lapel.infer.centerface import Faces
from lapel.infer.face_looks import FaceLooker, head_about, heads_in, shown, unmirrored
from lapel.infer.finders import FacesInTurn, head_parts
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import TensorSpec
from lapel.infer.views import around, finer

INPUT = (640, 384)


def spec(name: str, depth: int) -> TensorSpec:
    return TensorSpec(name, (1, 12, 16, depth), np.dtype(np.float32), 0.0, 0)


SPECS = (spec("score", 1), spec("size", 2), spec("offset", 2))


def heads(**faces: tuple[int, int, float, float]) -> tuple[np.ndarray, ...]:  # type: ignore[type-arg]
    """Outputs with a face (row, column, logit, height in pixels; half as wide) each."""
    score = np.full((1, 12, 16, 1), -9, np.float32)
    size, offset = np.zeros((1, 12, 16, 2), np.float32), np.zeros((1, 12, 16, 2), np.float32)
    for row, column, logit, height in faces.values():
        score[0, row, column, 0] = logit
        size[0, row, column] = np.log([height / 4, height / 8])
        offset[0, row, column] = (0.25, -0.5)
    return score, size, offset


def test_a_cell_gives_the_box_about_its_moved_centre() -> None:
    found = centerface.decode(heads(a=(5, 7, 2.0, 16)), SPECS, 0.3)
    np.testing.assert_allclose(found.boxes, [[24, 15, 32, 31]], atol=1e-5)
    assert found.scores[0] == pytest.approx(0.8808, abs=1e-4)


def test_the_order_of_the_outputs_does_not_matter() -> None:
    outputs = heads(a=(5, 7, 2.0, 10))
    found = centerface.decode(outputs[::-1], SPECS[::-1], 0.3)
    assert len(found.boxes) == 1


def test_a_face_below_the_score_is_not_reported() -> None:
    assert len(centerface.decode(heads(a=(5, 7, -1.0, 10)), SPECS, 0.3).boxes) == 0


def test_neighbouring_cells_of_one_face_give_one_box() -> None:
    found = centerface.decode(heads(a=(5, 7, 2.0, 40), b=(5, 8, 1.0, 40), c=(1, 1, 0.5, 6)), SPECS, 0.3)
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)
    assert len(found.boxes) == 2


def test_a_face_without_size_is_no_face() -> None:
    assert len(centerface.decode(heads(a=(5, 7, 2.0, 1)), SPECS, 0.3).boxes) == 0


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (640, 480), (450, 800), (3000, 401), (64, 64)])
def test_tiles_cover_the_whole_picture_and_its_border(size: tuple[int, int]) -> None:
    width, height = size
    seen = np.zeros((height + 4, width + 4), np.bool_)
    for tile in finer(width, height, INPUT, (0.8,))[1:] or finer(width, height, INPUT, (0.8,)):
        seen[max(0, tile.y0 + 2) : tile.y1 + 2, max(0, tile.x0 + 2) : tile.x1 + 2] = True
    assert seen.all()


def test_a_frame_of_720_lines_is_seen_whole_and_in_four_tiles() -> None:
    views = finer(1280, 720, INPUT, (0.8,))
    assert len(views) == 5
    assert min(640 / view.width for view in views[1:]) >= 0.8


def test_neighbouring_tiles_share_enough_for_a_face_on_their_edge() -> None:
    _, left, right, *_ = finer(1280, 720, INPUT, (0.8,))
    assert left.x1 - right.x0 >= 0.15 * left.width


def test_views_have_the_proportions_of_the_input() -> None:
    for view in finer(427, 640, INPUT, (0.8, 2.2)):
        assert view.width / view.height == pytest.approx(640 / 384, abs=0.02)


def test_a_view_shows_the_picture_unstretched_and_mirrored_past_its_border() -> None:
    pixels = noise(64, 40)
    seen = shown(pixels, Box(-8, -4, 72, 44), 1.0, 80, 48)
    np.testing.assert_array_equal(seen[4:44, 8:72], pixels)
    np.testing.assert_array_equal(seen[4:44, 7::-1], pixels[:, :8])
    np.testing.assert_array_equal(seen[3::-1, 8:72], pixels[:4])


def test_a_view_about_a_picture_holds_it_with_a_margin() -> None:
    view = around(1280, 720, 640 / 384, 0.05)
    assert Box(-64, -64, 1344, 784).share_inside(view) == 1


def test_a_head_goes_on_further_above_a_face_than_below() -> None:
    x0, y0, x1, y1 = head_about(np.array([[100, 100, 140, 160]], np.float32))[0]
    assert 100 - y0 > 2 * (y1 - 160) > 0
    assert 100 - x0 == pytest.approx(x1 - 140)


def test_the_head_of_a_standing_person_is_in_the_upper_fifth() -> None:
    x0, y0, x1, y1 = head_parts(np.array([[100, 100, 160, 400]], np.float32))[0]
    assert Box(int(x0), int(y0), int(x1), int(y1)).intersection(Box(110, 100, 150, 150)) == Box(110, 100, 150, 150)
    assert y1 <= 100 + 300 / 4


def test_the_head_of_a_person_cut_at_the_waist_takes_a_third() -> None:
    _, _, _, y1 = head_parts(np.array([[100, 0, 300, 240]], np.float32))[0]
    assert y1 == pytest.approx(0.33 * 240)


def test_a_face_in_the_mirror_image_past_a_border_is_the_one_inside() -> None:
    seen = np.array([[10, 20, 30, 40], [-30, 20, -10, 40], [170, 20, 190, 40], [210, -40, 230, -20]], np.float32)
    np.testing.assert_array_equal(unmirrored(seen, 100, 80), [[10, 20, 30, 40]] * 4)


def test_where_a_face_is_seen_in_the_mirror_image_alone_the_one_inside_is_destroyed() -> None:
    seen = Faces(np.array([[-30, 20, -10, 40]], np.float32), np.array([0.9], np.float32))
    assert any(Box(10, 20, 30, 40).share_inside(area) == 1 for area in heads_in(noise(100, 80), seen))


class OneNetwork:
    """A store whose one network sees nobody, remembers what it was shown, and fails at the call that is told."""

    can_resize = False
    input = TensorSpec("picture", (1, 192, 320, 3), np.dtype(np.int8), 1.0, 0)
    outputs = SPECS

    def __init__(self, fails_at: int = -1) -> None:
        self.shown: list[bytes] = []
        self._fails_at = fails_at

    def open(self, name: str) -> "OneNetwork":
        return self

    def invoke(self, tensor: NDArray[np.int8]) -> tuple[NDArray[np.float32], ...]:
        self.shown.append(tensor.tobytes())
        if len(self.shown) - 1 == self._fails_at:
            raise RuntimeError("busy")
        return heads()


def test_a_look_that_failed_is_taken_at_the_next_frame() -> None:
    failing = OneNetwork(fails_at=1)
    finder = FacesInTurn(cast(ModelStore, failing), 5)
    with pytest.raises(RuntimeError, match="busy"):
        finder.find(noise(128, 72))
    finder.find(noise(128, 72))
    assert failing.shown[2:] == failing.shown[:2]


def test_a_processor_that_the_fast_kernels_do_not_know_is_no_reason_to_see_no_faces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = importlib.import_module("ai_edge_litert.interpreter")
    with_fast_kernels = runtime.Interpreter

    def without(**options: Any) -> Any:
        plain = runtime.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        return with_fast_kernels(**options, experimental_op_resolver_type=plain)

    monkeypatch.setattr(runtime, "Interpreter", without)
    looker = FaceLooker(ModelStore())
    pixels = noise(640, 384)
    assert len(looker.faces(pixels, looker.views(pixels, ())).boxes) == 0
