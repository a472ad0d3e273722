"""What is not listed leaves no trace: no alert, no picture in the journal, no file."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.config.profile import Profile, load_profile
from lapel.core.gallery import Gallery
from lapel.core.records import Record, RecordKind
from lapel.core.search import directions
from lapel.core.things import Pixels, Reference
from lapel.health.clock import SystemClock
from lapel.infer.embedder import TfliteEmbedder
from lapel.infer.features import SiftFeatures
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime
from lapel.store.gallery import write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.bench import made_up, with_runtime
from lapel.wiring.lookout import Orders, watch

FRAMES = 12
# Long ones: three bytes are found by chance in one of a hundred sealed journals.
PICTURE_SIGNS = (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\x89PNG\r\n\x1a\n")

pytestmark = pytest.mark.models


@dataclass(frozen=True)
class Left:
    """What a watch left behind."""

    alerts: int
    records: tuple[Record, ...]
    files: tuple[Path, ...]

    def pictures(self) -> list[str]:
        """Names of files in which a picture can be read."""
        return [path.name for path in self.files if any(sign in path.read_bytes() for sign in PICTURE_SIGNS)]


def pattern() -> Pixels:
    """Squares of many colours: a thing with details to line up."""
    squares = np.random.default_rng(3).integers(0, 255, (24, 32, 3), np.uint8)
    return np.asarray(cv2.resize(squares, (320, 240), interpolation=cv2.INTER_NEAREST), np.uint8)


def listed(gallery: Gallery, models: ModelStore) -> Gallery:
    """The gallery with the pattern as the picture of its first entry."""
    sift = SiftFeatures()
    features = sift.extract(pattern())
    described, together = directions(TfliteEmbedder(models).describe(pattern())), directions(sift.aggregate(features))
    reference = Reference(gallery.entries[0].id, described, together, features, b"a picture")
    return replace(gallery, references=(reference, *gallery.references[1:]))


def watched(folder: Path, profile: Profile, gallery: Gallery) -> Left:
    """Watch pictures of the pattern, with every way to alert, in a folder of its own."""
    source, left = folder / "source", folder / "left"
    source.mkdir()
    left.mkdir()
    for number in range(FRAMES):
        assert cv2.imwrite(str(source / f"{number:02}.png"), pattern()[..., ::-1])
    keys = FileKey.create(folder / "device.key")
    write_gallery(folder / "list.lapel", gallery, keys)
    orders = Orders(
        str(source),
        folder / "list.lapel",
        left,
        is_live=False,
        console=False,
        lines_file=left / "alerts.jsonl",
        report_folder=left / "page",
    )
    alerts = watch(profile, orders, keys, keys).alerts
    with SealedJournal(left / "journal.db", keys, SystemClock(), "test", read_only=True) as journal:
        records = tuple(journal.after(-1, 1000))
    return Left(alerts, records, tuple(path for path in left.rglob("*") if path.is_file()))


@pytest.fixture(scope="module")
def profile(runtime: Runtime) -> Profile:
    return with_runtime(load_profile("ci-video"), runtime.value)


@pytest.fixture(scope="module")
def unlisted(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> Left:
    """What a watch left behind over something that is not listed."""
    return watched(tmp_path_factory.mktemp("unlisted"), profile, made_up(profile, 3))


def test_what_is_not_listed_is_not_alerted(unlisted: Left) -> None:
    assert unlisted.alerts == 0
    assert RecordKind.ALERT not in {record.kind for record in unlisted.records}


def test_no_record_of_a_watch_without_a_hit_has_a_picture(unlisted: Left) -> None:
    assert unlisted.records
    assert [record.kind for record in unlisted.records if record.picture] == []


def test_no_file_of_a_watch_without_a_hit_holds_a_picture(unlisted: Left) -> None:
    assert unlisted.files
    assert unlisted.pictures() == []


def test_the_same_watch_leaves_a_picture_where_the_thing_is_listed(
    tmp_path: Path, profile: Profile, models: ModelStore
) -> None:
    left = watched(tmp_path, profile, listed(made_up(profile, 3), models))
    assert left.alerts == 1
    assert [record.kind for record in left.records if record.picture] == [RecordKind.ALERT]
    assert left.pictures() != []
