"""An authority that pushes over a real broker with mutual TLS to a device's link, for tests of how lists travel."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from authority_desk import TERMS, Desk
from lapel.core.gallery import Gallery
from lapel.core.record_body import parse_body
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.health.clock import SystemClock
from lapel.infer.manifest import ModelStore
from lapel.link.endpoint import Endpoint
from lapel.link.events import CloudEvent
from lapel.link.lists import Following
from lapel.link.signals import Arrived, Published
from lapel.link.sync import Sender
from lapel.link.topics import PUBLISHER, mark_topic, piece_topic
from lapel.store.gallery import read_gallery
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel.store.pieces import PIECES, Pieces
from lapel.store.pinning import pin
from lapel.store.published import PublishedFolder
from lapel.wiring.link_lists import ListPlan, Reception
from lapel_tools.delivery.contents import Contents, contents_of
from lapel_tools.delivery.pushing import Pushed, push
from lapel_tools.progress import Silent
from sync_rig import DEVICE, LONGEST_WAIT_S, SITE, Rig

TODAY = datetime.now(UTC).date()
MODEL = ModelStore().describing_sha256
PATIENCE_S = 1.0


def crates(count: int, label: str = "") -> Gallery:
    """A list of so many crates, under another label where one is given."""
    entries = tuple(made_up_entry(f"crate-{n}", TODAY + timedelta(days=80)) for n in range(count))
    if label:
        entries = tuple(replace(entry, label=label) for entry in entries)
    return made_up_gallery(TODAY, entries, MODEL)


class Counting(Pieces):
    """Pieces that remember what came, and what was given in the place of something."""

    def __init__(self, folder: Path, quota_bytes: int = 1 << 30) -> None:
        super().__init__(folder, quota_bytes)
        self.came: list[str] = []

    def put(self, name: str, data: bytes) -> None:
        """Remember it, and keep it."""
        self.came.append(name)
        super().put(name, data)


class Post:
    """Administrators, a publisher, a broker, and one device that trusts them."""

    def __init__(self, rig: Rig, desk: Desk) -> None:
        self.rig, self.desk = rig, desk

    @property
    def public(self) -> PublishedFolder:
        """What is published."""
        return PublishedFolder(self.desk.dir / "public")

    def contents(self) -> Contents:
        """What is to stand on the broker."""
        return contents_of(self.public, datetime.now(UTC))

    def chunks(self) -> tuple[str, ...]:
        """The chunks of the newest list, without the pages that its manifest names."""
        (manifest,) = (name for name in self.contents().pieces if self.public.manifest(name) is not None)
        data = self.public.manifest(manifest) or b""
        return tuple(name for name in self.public.chunks_of(manifest) if name.encode() not in data)

    def news_files(self) -> set[str]:
        """The hashes of the newest metadata."""
        return {sha256 for _, sha256 in self.contents().news.files}

    def push(self, endpoint: Endpoint | None = None) -> Pushed:
        """``lapel-admin push``, in this process."""
        endpoint = endpoint or self.rig.broker.endpoint(PUBLISHER)
        return push(endpoint, SITE, self.contents(), self.desk.dir / "pushed.jsonl", Silent())

    def put(self, topic: str, data: bytes) -> None:
        """Put anything at all on the broker, retained, as its publisher could, or whoever broke into it."""
        with self.rig.line(PUBLISHER, mark_topic(SITE)) as line:
            line.publish(topic, CloudEvent((), "", data), is_retained=True)
            while not any(isinstance(signal, Published) for signal in line.wait(LONGEST_WAIT_S)):
                pass

    def spoil(self, name: str, data: bytes) -> None:
        """Something else in the place of a piece."""
        self.put(piece_topic(SITE, name), data)

    def reception(self, endpoint: Endpoint | None = None, patience_s: float = PATIENCE_S) -> Reception:
        """Where the device's lists come from."""
        endpoint = endpoint or self.rig.broker.endpoint(DEVICE)
        return Reception(self.rig.state, endpoint, Sender(SITE, DEVICE), ListPlan(patience_s=patience_s))

    def take(self, endpoint: Endpoint | None = None, pieces: Pieces | None = None) -> None:
        """What ``lapel link --once`` takes, in this process."""
        reception = self.reception(endpoint)
        with reception.dial() as line:
            following = reception.following(self.rig.key, self.rig.notes, pieces)
            following.over(line, lambda: False, until_settled=True)

    @contextmanager
    def following(self, patience_s: float = PATIENCE_S, pieces: Pieces | None = None) -> Iterator[Following]:
        """The device follows while the block runs."""
        reception, over = self.reception(patience_s=patience_s), Flag()
        following = reception.following(self.rig.key, self.rig.notes, pieces)
        with reception.dial() as line:
            thread = Thread(target=following.over, args=(line, over.is_set))
            thread.start()
            try:
                yield following
            finally:
                over.set()
                thread.join(LONGEST_WAIT_S)

    def listed(self) -> set[str]:
        """Ids on the list that the device would watch by."""
        path = self.rig.state / "watchlist.lapel"
        return {entry.id for entry in read_gallery(path, self.rig.key, MODEL).entries} if path.exists() else set()

    def labels(self) -> set[str]:
        """Labels on it."""
        return {each.label for each in read_gallery(self.rig.state / "watchlist.lapel", self.rig.key).entries}

    def records(self) -> list[dict[str, object]]:
        """Facts of the device's records."""
        with SealedJournal(self.rig.state / JOURNAL, self.rig.key, SystemClock(), read_only=True) as journal:
            return [dict(parse_body(record.body).facts) for record in journal.after(-1, 1000)]

    def at_the_station(self) -> list[dict[str, object]]:
        """Facts of the records that the station holds."""
        with closing(sqlite3.connect(self.rig.db)) as db:
            bodies = db.execute("select body from records order by sequence").fetchall()
        return [dict(parse_body(body).facts) for (body,) in bodies]

    def standing(self) -> dict[str, bytes]:
        """The pieces that stand on the broker."""
        found: dict[str, bytes] = {}
        with self.rig.line(PUBLISHER, piece_topic(SITE, "#")) as line:
            while signals := line.wait(0.5):
                found |= {each.topic.rpartition("/")[2]: each.data for each in signals if isinstance(each, Arrived)}
        return found

    def kept(self) -> set[str]:
        """The pieces that the device keeps."""
        return {path.name for path in (self.rig.state / PIECES).glob("??/*")}


@pytest.fixture(scope="package")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four crates are published for a device that trusts the authority. Not to be changed: copy it."""
    folder = tmp_path_factory.mktemp("posts")
    state = folder / "state"
    state.mkdir()
    desk = Desk(folder).founded()
    root = desk.metadata()["1.root.json"]
    desk.describe(pin(state, root, DEVICE, "patrol", FileKey.create(state / "device.key")).described())
    desk.published(crates(4), *TERMS)
    return folder


@pytest.fixture
def quiet_post(quiet_rig: Rig, posts: Path, tmp_path: Path) -> Post:
    """A copy of it; nothing is pushed, and the broker does not run yet."""
    shutil.copytree(posts, tmp_path / "desk")
    quiet_rig.state = tmp_path / "desk" / "state"
    quiet_rig.key = FileKey(quiet_rig.state / "device.key")
    return Post(quiet_rig, Desk(tmp_path / "desk"))


@pytest.fixture
def post(quiet_post: Post) -> Post:
    """The same, and the broker runs."""
    quiet_post.rig.start_broker()
    return quiet_post
