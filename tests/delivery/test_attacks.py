"""Whoever holds the broker: nothing that they put in the place of what was signed is taken, and the station hears."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256

import pytest

from delivery_rig import PATIENCE_S, Counting, Post, crates
from lapel.errors import ConfigError
from lapel.link.events import CloudEvent
from lapel.link.news import news_of
from lapel.link.signals import NOT_AUTHORISED, Published
from lapel.link.topics import STATION, ack_topic, checked_device, mark_topic, news_topic, piece_topic
from lapel.store import pieces
from lapel.wiring.link_lists import ListPlan
from sync_rig import DEVICE, LONGEST_WAIT_S, OTHER, SITE, wait_until

pytestmark = pytest.mark.mosquitto

FOUR = {"crate-0", "crate-1", "crate-2", "crate-3"}


def reported(post: Post) -> object:
    """What the station hears last of the device."""
    with post.rig.station():
        post.rig.drain(replace(post.rig.plan(), lists=ListPlan(patience_s=PATIENCE_S)))
    return post.at_the_station()[-1]["what"]


def test_a_tampered_chunk_is_refused_and_the_right_one_is_taken_with_the_next_news(post: Post) -> None:
    post.push()
    post.take()
    post.desk.published(crates(6))
    post.push()
    name = next(name for name in post.chunks() if name not in post.kept())
    right = post.standing()[name]
    post.spoil(name, bytes([right[0] ^ 1]) + right[1:])
    assert reported(post) == "update refused: tampered"
    assert post.listed() == FOUR
    post.spoil(name, right)
    post.desk.publish("--renew")
    post.push()
    post.take()
    assert len(post.listed()) == 6


def test_a_chunk_that_is_missing_is_refused_and_the_list_stays(post: Post) -> None:
    post.push()
    post.take()
    post.desk.published(crates(6))
    post.push()
    post.spoil(next(name for name in post.chunks() if name not in post.kept()), b"")
    assert reported(post) == "update refused: missing"
    assert post.listed() == FOUR


def test_the_publication_of_yesterday_put_back_is_refused(post: Post) -> None:
    post.push()
    yesterday, pieces = post.contents().news.encoded(), post.standing()
    post.desk.published(crates(6))
    post.push()
    post.take()
    for name, data in pieces.items():
        post.spoil(name, data)
    post.put(news_topic(SITE), yesterday)
    assert reported(post) == "update refused: rollback"
    assert len(post.listed()) == 6


def test_tampered_metadata_is_refused(post: Post) -> None:
    post.push()
    post.take()
    post.desk.published(crates(6))
    post.push()
    name = dict(post.contents().news.files)["timestamp.json"]
    forged = re.sub(rb'("version": *)3', rb"\g<1>9", post.standing()[name], count=1)
    post.spoil(name, forged)
    assert reported(post) == "update refused: signatures"
    assert post.listed() == FOUR


def test_a_broker_that_never_ends_fills_neither_the_disk_nor_the_journal(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.push()
    post.take()
    monkeypatch.setattr(pieces, "BESIDE_BYTES", 200_000)
    kept, folder = Counting(post.rig.state / pieces.PIECES, quota_bytes=100_000), post.rig.state / pieces.PIECES
    with post.following(pieces=kept):
        for number in range(20):
            junk = number.to_bytes(2, "big") * 25_000
            name = sha256(junk).hexdigest()
            post.put(piece_topic(SITE, name), junk)
            post.put(news_topic(SITE), news_of({"timestamp.json": name}).encoded())
            wait_until(lambda: post.rig.notes.names().count("list_refused") > number)  # noqa: B023, over at once
    assert len(set(kept.came)) == 20
    assert sum(path.stat().st_size for path in folder.glob("??/*")) <= 300_000
    assert [facts["what"] for facts in post.records()[1:]] == ["update refused: malformed"]
    assert post.listed() == FOUR


def test_lists_are_the_publishers_alone_to_write(post: Post) -> None:
    topics = (news_topic(SITE), piece_topic(SITE, "ab" * 32), mark_topic(SITE))
    for name in (DEVICE, STATION):
        with post.rig.line(name, ack_topic(SITE, OTHER)) as line:
            for topic in topics:
                line.publish(topic, CloudEvent((), "", b"{}"), is_retained=True)
                answers = line.wait(LONGEST_WAIT_S)
                assert answers == (Published(NOT_AUTHORISED),)


@pytest.mark.parametrize("name", ["publisher", "station", "lists"])
def test_no_device_bears_a_name_that_would_open_others_topics(name: str) -> None:
    with pytest.raises(ConfigError, match="give the device another"):
        checked_device(name)
