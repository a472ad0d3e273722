"""A thing must not become a tracker of its holder: three sightings a day are located, one record is of all others."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import write_picture
from forced_list import forced
from lapel.alert.lines import JsonLinesAlerter
from lapel.config.profile import Profile, load_profile
from lapel.core.located import Located
from lapel.core.record_body import parse_body
from lapel.core.records import Record, RecordKind
from lapel.core.things import Pixels
from lapel.fakes.hit import made_up_hit
from lapel.health.clock import SystemClock
from lapel.infer.tflite import Runtime
from lapel.store.gallery import write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.bench import with_runtime
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.seeing import open_seeing

pytestmark = pytest.mark.models

BARE = {"entry", "day", "count_today", "located", "list_id", "list_version"}


def pattern() -> Pixels:
    squares = np.random.default_rng(3).integers(0, 255, (24, 32, 3), np.uint8)
    return np.asarray(cv2.resize(squares, (320, 240), interpolation=cv2.INTER_NEAREST), np.uint8)


@pytest.fixture(scope="module")
def profile(runtime: Runtime) -> Profile:
    return with_runtime(load_profile("ci-video"), runtime.value)


@pytest.fixture
def orders(tmp_path: Path, profile: Profile) -> Orders:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(6):
        write_picture(source / f"{number}.png", pattern())
    write_gallery(tmp_path / "list.lapel", forced(open_seeing(profile), [pattern()]), FileKey.create(tmp_path / "key"))
    return Orders(
        str(source),
        tmp_path / "list.lapel",
        tmp_path / "state",
        is_live=False,
        quiet_s=0.0,
        console=False,
        report_folder=tmp_path / "page",
    )


def alerts(folder: Path) -> list[Record]:
    with SealedJournal(folder / "state/journal.db", FileKey(folder / "key"), SystemClock(), read_only=True) as journal:
        return list(journal.of_kind(RecordKind.ALERT))


def test_beyond_the_third_alerts_are_told_and_one_record_is_kept_of_them_which_does_not_say_where(
    tmp_path: Path, profile: Profile, orders: Orders
) -> None:
    (tmp_path / "state").mkdir()
    keys = FileKey(tmp_path / "key")
    told = [watch(profile, orders, keys, keys).alerts for _ in range(2)]
    assert min(told) > 3
    kept = alerts(tmp_path)
    assert [bool(record.picture) for record in kept] == [True] * 3 + [False]  # the fourth stands for all that follow
    bare = dict(parse_body(kept[3].body).facts)
    assert bare.keys() == BARE
    assert bare["count_today"] == 4
    assert list((tmp_path / "page/pictures").glob("*-seen.jpg")) == []  # the page is the second run's
    page = (tmp_path / "page/index.html").read_text()
    assert page.count("kept no more today") == told[1]
    assert "into the stream" not in page


@pytest.mark.parametrize(("is_live", "keys"), [(False, {"t_s", "bbox"}), (True, set())])
def test_the_lines_of_a_recording_stay_whole_and_those_of_a_camera_do_not(
    is_live: bool, keys: set[str], tmp_path: Path
) -> None:

    located = Located(SystemClock().today)
    lines = JsonLinesAlerter(tmp_path / "alerts.jsonl", is_whole=not is_live)
    for _ in range(4):
        lines.alert(located.held(made_up_hit()), None)
    *_, third, fourth = (json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines())
    assert third["bbox"]
    assert {name for name in ("t_s", "bbox") if fourth[name] is not None} == keys
    assert fourth["count_today"] == 4
