"""One suite for every Prints: the network's and its double."""

from collections import OrderedDict
from functools import partial
from threading import Thread
from typing import Any, cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.alert.picture import jpeg
from lapel.core.geometry import Box
from lapel.core.things import Features, Pixels, Reference
from lapel.fakes.models import PlainPrints
from lapel.infer.manifest import ModelStore
from lapel.infer.prints import MOST_CORNERS, XFeatPrints, mutual
from lapel.infer.tflite import Model, Runtime
from lapel.ports import Prints


@pytest.fixture(params=["plain", "network"])
def prints(request: pytest.FixtureRequest, runtime: Runtime) -> Prints:
    return PlainPrints() if request.param == "plain" else network(runtime)


def network(runtime: Runtime) -> XFeatPrints:
    return XFeatPrints(partial(ModelStore(runtime=runtime).open, "prints"))


def printed(seed: int) -> Pixels:
    """A print of random shapes and letters, 320 × 240 px, of a colour of its own."""
    rng = np.random.default_rng(seed)
    picture = np.full((240, 320, 3), rng.integers(120, 230, 3), np.uint8)
    for _ in range(60):
        x, y, r = (int(v) for v in rng.integers((0, 0, 3), (320, 240, 18)))
        cv2.rectangle(picture, (x, y), (x + 2 * r, y + r), [int(v) for v in rng.integers(0, 255, 3)], -1)
    return picture


@pytest.mark.models
def test_corners_are_read_only_and_placed_in_the_picture(prints: Prints) -> None:
    found = prints.describe(printed(1))
    assert (found.width, found.height) == (320, 240)
    assert len(found.points) == len(found.descriptors) <= MOST_CORNERS
    assert not found.points.flags.writeable
    assert not found.descriptors.flags.writeable
    assert (found.points >= 0).all()
    assert (found.points <= (320, 240)).all()


@pytest.mark.models
def test_a_blank_wall_and_what_is_no_picture_agree_with_nothing(prints: Prints) -> None:
    wall = np.full((200, 200, 3), 180, np.uint8)
    seen = prints.describe(printed(1))
    assert prints.agreement(printed(1), seen, jpeg(wall)) is None
    assert prints.agreement(printed(1), seen, b"no picture") is None
    assert prints.agreement(wall, prints.describe(wall), jpeg(printed(1))) is None


@pytest.mark.models
def test_prints_that_have_rested_describe_as_before(prints: Prints) -> None:
    before = prints.describe(printed(1))
    prints.rest()
    after = prints.describe(printed(1))
    np.testing.assert_array_equal(after.points, before.points)
    np.testing.assert_array_equal(after.descriptors, before.descriptors)


@pytest.mark.models
def test_prints_that_rest_keep_the_last_references_alone(runtime: Runtime) -> None:
    prints, seen = network(runtime), printed(0)
    features = prints.describe(seen)
    pictures = [jpeg(printed(n)) for n in range(14)]
    for picture in pictures:
        prints.agreement(seen, features, picture)
    prints.rest()
    assert list(prints._kept) == pictures[2:]


@pytest.mark.models
def test_a_print_lies_on_itself_smaller_darker_and_a_little_turned(runtime: Runtime) -> None:
    prints, reference = network(runtime), printed(1)
    turn = cv2.getRotationMatrix2D((160, 120), 12, 0.7)
    seen = (cv2.warpAffine(reference, turn, (320, 240), borderValue=(90, 90, 90)) * 0.8).astype(np.uint8)
    found = prints.agreement(seen, prints.describe(seen), jpeg(reference))
    assert found is not None
    assert found.corners > 60
    centre = ((found.box.x0 + found.box.x1) / 2, (found.box.y0 + found.box.y1) / 2)
    np.testing.assert_allclose(centre, (160, 120), atol=15)


@pytest.mark.models
def test_another_print_and_a_mirrored_one_do_not(runtime: Runtime) -> None:
    prints = network(runtime)
    for other in (printed(2), np.ascontiguousarray(printed(1)[:, ::-1])):
        found = prints.agreement(other, prints.describe(other), jpeg(printed(1)))
        assert found is None or found.corners < 15


@pytest.mark.models
def test_a_print_that_shares_its_frame_with_another_counts_little(runtime: Runtime) -> None:
    prints, reference = network(runtime), printed(1)
    neighbour = reference.copy()
    neighbour[50:200, 40:280] = printed(2)[50:200, 40:280]
    own = prints.agreement(reference, prints.describe(reference), jpeg(reference))
    other = prints.agreement(neighbour, prints.describe(neighbour), jpeg(reference))
    assert own is not None
    assert other is None or other.corners < own.corners / 4


def inked(seed: int, ink: tuple[int, int, int]) -> Pixels:
    """The same print in one ink on white paper."""
    dark = 1 - cv2.cvtColor(printed(seed), cv2.COLOR_RGB2GRAY)[..., None] / 255
    return np.asarray(255 * (1 - dark) + np.array(ink) * dark, np.uint8)


@pytest.mark.models
def test_the_same_print_in_another_ink_counts_little(runtime: Runtime) -> None:
    prints, reference = network(runtime), inked(1, (20, 40, 150))
    counted = []
    for ink in ((20, 40, 150), (150, 40, 20)):
        seen = inked(1, ink)
        found = prints.agreement(seen, prints.describe(seen), jpeg(reference))
        counted.append(0.0 if found is None else found.corners)
    assert counted[1] < counted[0] / 3


EVERYWHERE = np.stack(np.meshgrid(np.arange(8, 320, 16), np.arange(8, 240, 16)), axis=-1).reshape(-1, 2)


def enrolled(picture: bytes, places: NDArray[np.intp] = EVERYWHERE) -> Reference:
    """A reference of 320 × 240 px with local features at these places: where they are is all that is asked."""
    features = Features(places.astype(np.float32), np.zeros((len(places), 8), np.int8), 320, 240)
    return Reference("thing", np.zeros((1, 8), np.int8), np.zeros((0, 8), np.int8), features, picture)


@pytest.mark.models
def test_a_small_turned_print_shows_more_once_it_is_laid_straight(runtime: Runtime) -> None:
    prints, reference = network(runtime), printed(1)
    turn = cv2.getRotationMatrix2D((160, 120), 40, 0.5)
    turn[:, 2] += (200, 160)
    seen = cv2.warpAffine(reference, turn, (800, 600), borderValue=(90, 90, 90))
    far = prints.agreement(seen, prints.describe(seen), jpeg(reference))
    motion = np.concatenate([turn, [[0, 0, 1]]]) @ np.diag([320, 320, 1])
    near = prints.closer(seen, enrolled(jpeg(reference)), motion)
    assert near is not None
    assert near.corners > 60
    assert far is None or far.corners < near.corners / 3
    np.testing.assert_allclose(np.array(near.motion).reshape(3, 3) / near.motion[8], motion, atol=8)


@pytest.mark.models
def test_a_small_print_in_the_middle_shows_more_of_itself_there(runtime: Runtime) -> None:
    prints, reference = network(runtime), printed(1)
    seen = np.full((600, 800, 3), 90, np.uint8)
    seen[195:405, 260:540] = cv2.resize(reference, (280, 210), interpolation=cv2.INTER_AREA)
    whole, middle = (
        prints.agreement(seen, view, jpeg(reference)) for view in (prints.describe(seen), prints.middle(seen))
    )
    assert middle is not None
    assert whole is None or whole.corners < 0.5 * middle.corners
    assert middle.box.intersection(Box(255, 190, 545, 410)).area > 0.8 * 280 * 210


@pytest.mark.models
def test_a_closer_look_counts_little_where_what_is_around_the_shared_part_differs(runtime: Runtime) -> None:
    prints, reference = network(runtime), printed(1)
    neighbour = printed(2)
    neighbour[60:180, 80:240] = reference[60:180, 80:240]
    onto, counted = np.diag([320.0, 320.0, 1.0]), []
    for shown in (EVERYWHERE, EVERYWHERE[(np.abs(EVERYWHERE - (160, 120)) < (76, 56)).all(axis=1)]):
        found = prints.closer(neighbour, enrolled(jpeg(reference), shown), onto)
        counted.append(0.0 if found is None else found.corners)
    assert counted[0] < 0.8 * counted[1]


@pytest.mark.models
def test_a_frame_around_the_middle_that_two_pictures_share_counts_nothing(runtime: Runtime) -> None:
    prints, reference = network(runtime), printed(1)
    neighbour = reference.copy()
    neighbour[50:190, 70:250] = neighbour[50:190, 70:250].mean(axis=(0, 1))
    found = prints.agreement(neighbour, prints.describe(neighbour), jpeg(reference))
    assert found is None or found.corners * found.in_middle < 3


@pytest.mark.models
def test_a_closer_look_at_a_wall_or_for_what_is_no_picture_finds_nothing(prints: Prints) -> None:
    wall = np.full((200, 200, 3), 180, np.uint8)
    assert prints.closer(wall, enrolled(jpeg(printed(1))), np.diag([200.0, 200.0, 1.0])) is None
    assert prints.closer(printed(1), enrolled(b"no picture"), np.diag([320.0, 320.0, 1.0])) is None


def test_rows_pair_where_each_is_the_others_nearest_and_near() -> None:
    ours = np.array([[127, 0, 0], [0, 127, 0], [90, 90, 0]], np.int8)
    theirs = np.array([[0, 127, 0], [126, 10, 0], [0, 0, 127]], np.int8)
    np.testing.assert_array_equal(mutual(ours, theirs), [[0, 1], [1, 0]])


def test_a_rest_that_another_thread_asks_for_takes_nothing_away_from_a_look() -> None:
    prints, resting = XFeatPrints(lambda: cast(Model, None)), list[Thread]()

    class Interrupted(OrderedDict[bytes, Any]):
        """Once it is asked whether it has a picture somebody else asks for a rest."""

        def __contains__(self, picture: object) -> bool:
            found = super().__contains__(picture)
            resting.append(Thread(target=prints.rest))
            resting[-1].start()
            resting[-1].join(0.1)
            return found

    prints._kept = Interrupted((bytes([number]), None) for number in range(20))
    seen = Features(np.zeros((0, 2), np.float32), np.zeros((0, 64), np.int8), 32, 32)
    assert prints.agreement(printed(1), seen, bytes([0])) is None
    resting[0].join(20)
    assert len(prints._kept) == 12
