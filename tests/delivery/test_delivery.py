"""From two administrators to a device over a real broker with mutual TLS: what was signed arrives, and nothing else."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from delivery_rig import Counting, Post, crates
from lapel.errors import BrokerRefused, BrokerUnreachable, ConfigError, StoreFull, UpdateRefused
from lapel.health.clock import SystemClock
from lapel.link.topics import news_topic
from lapel.store.contact import last_contact
from lapel.store.pieces import PIECES, Pieces
from lapel_tools.broker.cuts import Cuts
from lapel_tools.broker.mosquitto import prepare
from sync_rig import DEVICE, SITE, wait_until

pytestmark = pytest.mark.mosquitto

FOUR = {"crate-0", "crate-1", "crate-2", "crate-3"}


def test_what_two_signed_arrives_and_the_station_hears_that_it_was_applied(post: Post) -> None:
    pushed = post.push()
    assert (pushed.there, pushed.removed) == (0, 0)
    with post.rig.station():
        assert post.rig.drain().pulled == pushed.sent
    assert post.listed() == FOUR
    assert [facts["outcome"] for facts in post.at_the_station()] == ["applied"]


def test_metadata_that_was_never_seen_before_is_contact_and_what_was_is_none(post: Post) -> None:
    post.push()
    post.take()
    first = last_contact(post.rig.state, post.rig.key)
    assert first is not None
    post.take()
    assert last_contact(post.rig.state, post.rig.key) == first


def test_of_the_next_version_only_what_is_new_travels(post: Post) -> None:
    post.push()
    post.take()
    had = post.kept()
    post.desk.published(crates(5))
    pushed = post.push()
    pieces = Counting(post.rig.state / PIECES)
    post.take(pieces=pieces)
    assert post.listed() == {*FOUR, "crate-4"}
    assert pushed.there > 0
    assert not had & set(pieces.came)
    assert len(pieces.came) == pushed.sent
    assert post.kept() == post.contents().pieces.keys()


def test_a_device_that_was_away_gets_the_newest_version_alone(post: Post) -> None:
    for count in (5, 6):
        post.desk.published(crates(count))
        post.push()
    post.take()
    assert [(facts["outcome"], facts["version"]) for facts in post.records()] == [("applied", "3")]


def test_older_pieces_are_off_the_broker_once_the_newer_ones_stand(post: Post) -> None:
    post.push()
    post.desk.published(crates(2, "repainted"))
    assert post.push().removed > 0
    assert post.standing().keys() == post.contents().pieces.keys()


def test_a_cut_off_list_goes_on_where_it_was_and_no_piece_comes_twice(post: Post) -> None:
    post.desk.published(crates(120))
    post.push()
    came: list[str] = []
    endpoint = post.rig.broker.endpoint(DEVICE)
    cuts = 0
    for length in (4_000, 9_000, *(random.randrange(3_000, 40_000) for _ in range(6)), None):
        pieces = Counting(post.rig.state / PIECES)
        way = Cuts(endpoint, length)
        try:
            post.take(way.endpoint(endpoint), pieces)
        except (BrokerUnreachable, BrokerRefused):
            cuts += 1
        finally:
            way.close()
        came += pieces.came
    assert cuts >= 4
    assert len(came) == len(set(came))
    assert len(post.listed()) == 120
    assert [facts["outcome"] for facts in post.records()] == ["applied"]


@pytest.mark.parametrize("limit", ["message_size_limit 65536", "max_packet_size 65536"])
def test_a_broker_that_takes_64_kib_at_most_carries_the_longest_pieces(quiet_post: Post, limit: str) -> None:
    rig = quiet_post.rig
    rig.broker = prepare(rig.broker.folder, SITE, (DEVICE,), rig.broker.port, most_bytes=65536)
    config = rig.broker.config.read_text()
    rig.broker.config.write_text("".join(line for line in config.splitlines(True) if "max_packet" not in line) + limit)
    rig.start_broker()
    gallery = crates(2)
    pictures = (b"\xff\xd8" + random.randbytes(60_000) for _ in gallery.references)
    long = replace(
        gallery,
        references=tuple(replace(each, picture=its) for each, its in zip(gallery.references, pictures, strict=True)),
    )
    quiet_post.desk.published(long)
    quiet_post.push()
    quiet_post.take()
    assert quiet_post.listed() == {"crate-0", "crate-1"}
    assert max(map(len, quiet_post.standing().values())) == 60 * 1024


def test_a_broker_that_takes_less_is_named_before_anything_is_sent(quiet_post: Post) -> None:
    rig = quiet_post.rig
    rig.broker = prepare(rig.broker.folder, SITE, (DEVICE,), rig.broker.port, most_bytes=32 * 1024)
    rig.start_broker()
    with pytest.raises(ConfigError, match="packets of up to 32768 bytes"):
        quiet_post.push()
    assert quiet_post.standing() == {}


def test_a_list_over_the_quota_is_refused_before_its_chunks_travel(post: Post) -> None:
    post.push()
    pieces = Counting(post.rig.state / PIECES, quota_bytes=1000)
    post.take(pieces=pieces)
    assert [facts["what"] for facts in post.records()] == ["update refused: oversize"]
    assert len(pieces.came) < len(post.contents().pieces)


def test_what_a_power_cut_spoilt_is_got_again(post: Post) -> None:
    post.push()
    post.take()
    for name in post.kept():
        path = post.rig.state / PIECES / name[:2] / name
        path.write_bytes(path.read_bytes()[:-1])
    (post.rig.state / "watchlist.lapel").unlink()
    post.take()
    assert post.listed() == FOUR
    assert [facts.get("outcome") for facts in post.records()] == ["applied", "applied"]


def test_a_withdrawal_acts_while_chunks_are_still_waited_for(post: Post) -> None:
    post.push()
    post.take()
    post.desk.published(crates(40))
    lost = [name for name in post.chunks() if name not in post.kept()]
    post.push()
    for name in lost:
        post.spoil(name, b"")
    with post.following(patience_s=60):
        wait_until(lambda: post.news_files() <= post.kept())
        post.desk.withdraw("carol", "--list", "springfield", "--entry", "crate-2", "--reason", "given back")
        post.push()
        wait_until(lambda: "crate-2" not in post.listed())
        assert post.listed() == FOUR - {"crate-2"}


def test_a_small_quota_keeps_the_list_that_is_held_and_drops_what_was_before(post: Post) -> None:
    post.push()
    post.take()
    post.desk.published(crates(3, "repainted"))
    post.push()
    size = sum(len(data) for data in post.standing().values())
    post.take(pieces=Pieces(post.rig.state / PIECES, quota_bytes=size))
    assert post.labels() == {"repainted"}
    with pytest.raises(UpdateRefused):
        Pieces(post.rig.state / PIECES, 10).make_room(frozenset(), 11)


def test_what_nobody_renewed_is_told_as_stale_once_while_the_link_goes_on(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.push()
    post.take()
    later = SystemClock().wall_ns() + 8 * 86_400 * 10**9
    with post.following():
        wait_until(lambda: post.rig.notes.names().count("settled") > 1)
        monkeypatch.setattr(SystemClock, "wall_ns", lambda self: later)
        wait_until(lambda: post.records()[-1].get("what") == "update stale: frozen")
    assert [facts.get("outcome") for facts in post.records()] == ["applied", None]
    assert post.listed() == FOUR


def test_a_full_disk_is_waited_out(post: Post) -> None:
    class Full(Counting):
        """There is room for two pieces."""

        def put(self, name: str, data: bytes) -> None:
            if len(self.came) == 2:
                raise StoreFull(f"{name}: disk is full")
            super().put(name, data)

    post.push()
    full = Full(post.rig.state / PIECES)
    with pytest.raises(StoreFull):
        post.take(pieces=full)
    pieces = Counting(post.rig.state / PIECES)
    post.take(pieces=pieces)
    assert post.listed() == FOUR
    assert not set(full.came) & set(pieces.came)


def test_news_that_is_none_is_refused_on_record_and_the_list_stays(post: Post) -> None:
    post.push()
    post.take()
    post.put(news_topic(SITE), b"[" * 50_000)
    post.take()
    assert post.records()[-1]["what"] == "update refused: MalformedNews"
    assert post.listed() == FOUR
