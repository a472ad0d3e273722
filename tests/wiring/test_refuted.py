"""'It is not' keeps the same false alert from coming back, and the thing itself is still found."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import write_picture
from forced_list import forced
from lapel.alert.picture import jpeg
from lapel.config.profile import Profile, load_profile
from lapel.core.alerted import alert_event
from lapel.core.answers import Answers
from lapel.core.calibrate import WATCHING
from lapel.core.feedback import Answer, answer_event
from lapel.core.geometry import whole
from lapel.core.records import Event, RecordKind
from lapel.core.things import Hit, Origin, Pixels, Sighting
from lapel.fakes.clock import FakeClock
from lapel.fakes.hit import made_up_hit
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.infer.tflite import Runtime
from lapel.matching import Recall
from lapel.store.gallery import write_gallery
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.bench import with_runtime
from lapel.wiring.handover import hand_over
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.refuted import Refuted
from lapel.wiring.seeing import Seeing, open_seeing

pytestmark = pytest.mark.models


def squares(seed: int) -> Pixels:
    drawn = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), np.uint8)
    return np.asarray(cv2.resize(drawn, (320, 240), interpolation=cv2.INTER_NEAREST), np.uint8)


def look_alike() -> Pixels:
    """Another thing, of which the right third is not as on the listed one."""
    pixels = squares(3).copy()
    pixels[:, 220:] = squares(4)[:, 220:]
    return pixels


def look(pixels: Pixels) -> Sighting:
    box = whole(pixels.shape[1], pixels.shape[0])
    return replace(made_up_hit(box=box, pixels=pixels).sighting, origin=Origin.WHOLE, frame_box=box)


@pytest.fixture(scope="module")
def profile(runtime: Runtime) -> Profile:
    return with_runtime(load_profile("ci-video"), runtime.value)


@pytest.fixture(scope="module")
def seeing(profile: Profile) -> Seeing:
    return open_seeing(profile)


@pytest.fixture(scope="module")
def listed(seeing: Seeing) -> Recall:
    return seeing.recall(forced(seeing, [squares(3)]), WATCHING, SystemClock().today)


def hit_on(listed: Recall, pixels: Pixels) -> Hit:
    (match,) = listed.candidates(look(pixels), 1)
    assert match.evidence > 1
    return listed.hit(match, look(pixels))


def told(journal: MemoryJournal, hit: Hit, answer: Answer) -> Answers:
    """What is known once an officer has answered an alert."""
    journal.append(Event(RecordKind.LIST, (("list_id", "forced"), ("version", 1))))
    alert = journal.append(alert_event(hit, ("forced", 1), jpeg(hit.sighting.pixels)))
    journal.append(answer_event(alert.id, answer, "Officer 7"))
    return Answers(journal.after(-1, 99))


@pytest.mark.parametrize("answer", [Answer.IS_NOT, Answer.UNSURE])
def test_only_what_was_said_not_to_be_it_is_held_against_a_look(answer: Answer, seeing: Seeing, listed: Recall) -> None:
    journal = MemoryJournal(FakeClock())
    refuted = Refuted(seeing, lambda sequence: journal.after(sequence - 1, 1)[0].picture, SystemClock().today)
    wrong = hit_on(listed, look_alike())
    answers = told(journal, wrong, answer)
    assert refuted.contradicts(wrong, answers) is (answer is Answer.IS_NOT)
    assert not refuted.contradicts(hit_on(listed, squares(3)), answers)


def test_a_picture_that_cannot_be_read_is_held_against_nothing(seeing: Seeing, listed: Recall) -> None:
    wrong = hit_on(listed, look_alike())
    answers = told(MemoryJournal(FakeClock()), wrong, Answer.IS_NOT)
    assert not Refuted(seeing, lambda sequence: b"", SystemClock().today).contradicts(wrong, answers)


@pytest.mark.long
def test_the_same_false_alert_does_not_come_back_and_the_thing_is_still_found(tmp_path: Path, profile: Profile) -> None:
    keys = FileKey.create(tmp_path / "key")
    for name, pixels in (("thing", squares(3)), ("other", look_alike())):
        (tmp_path / name).mkdir()
        for number in range(2):
            write_picture(tmp_path / name / f"{number}.png", pixels)
    write_gallery(tmp_path / "list.lapel", forced(open_seeing(profile), [squares(3)]), keys)
    orders = Orders(
        str(tmp_path / "other"), tmp_path / "list.lapel", tmp_path, is_live=False, quiet_s=0.0, console=False
    )
    assert watch(profile, orders, keys, keys).alerts > 0
    with SealedJournal(tmp_path / JOURNAL, keys, SystemClock(), read_only=True) as journal:
        alert = journal.of_kind(RecordKind.ALERT)[0].id
    hand_over(tmp_path, answer_event(alert, Answer.IS_NOT, "Officer 7"), keys, SystemClock())
    assert watch(profile, orders, keys, keys).alerts == 0
    assert watch(profile, replace(orders, source=str(tmp_path / "thing")), keys, keys).alerts > 0
