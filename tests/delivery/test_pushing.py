"""What is pushed: only what a broker lacks, also after a cut and after the broker forgot some of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from delivery_rig import Post, crates
from lapel.errors import BrokerRefused, BrokerUnreachable, Refused
from lapel.link.topics import PUBLISHER
from lapel_tools.broker.cuts import Cuts
from lapel_tools.cli.main import main
from lapel_tools.delivery.ledger import Ledger
from sync_rig import DEVICE, SITE

pytestmark = pytest.mark.mosquitto


def test_a_push_again_sends_nothing_that_stands(post: Post) -> None:
    first = post.push()
    again = post.push()
    assert (again.sent, again.there) == (0, first.sent)


def test_a_cut_off_push_goes_on_where_it_was(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lapel_tools.delivery.pushing._BATCH", 4)
    post.desk.published(crates(60))
    endpoint = post.rig.broker.endpoint(PUBLISHER)
    way = Cuts(endpoint, 40_000, upwards=True)
    with pytest.raises((BrokerUnreachable, BrokerRefused)):
        post.push(way.endpoint(endpoint))
    way.close()
    pushed = post.push()
    assert pushed.there > 0
    assert post.standing().keys() == post.contents().pieces.keys()
    post.take()
    assert len(post.listed()) == 60


def test_until_a_push_has_ended_devices_find_what_was_there_before(post: Post) -> None:
    post.push()
    post.desk.published(crates(60))
    endpoint = post.rig.broker.endpoint(PUBLISHER)
    way = Cuts(endpoint, 20_000, upwards=True)
    with pytest.raises((BrokerUnreachable, BrokerRefused)):
        post.push(way.endpoint(endpoint))
    way.close()
    post.take()
    assert len(post.listed()) == 4


def test_a_broker_that_forgot_what_it_acknowledged_is_given_it_again(post: Post) -> None:
    post.push()
    post.rig.kill_broker()
    post.rig.start_broker()
    assert post.standing() == {}
    pushed = post.push()
    assert pushed.there == 0
    post.take()
    assert len(post.listed()) == 4


def test_a_broker_that_was_stopped_in_order_still_has_what_was_pushed(post: Post) -> None:
    pushed = post.push()
    post.rig.stop_broker()
    post.rig.start_broker()
    assert len(post.standing()) == pushed.sent
    assert post.push().sent == 0


def test_a_broker_that_came_back_with_an_older_state_is_given_what_it_lacks(post: Post, tmp_path: Path) -> None:
    post.push()
    post.rig.stop_broker()
    state = post.rig.broker.folder / "mosquitto.db"
    older = state.read_bytes()
    post.rig.start_broker()
    post.desk.published(crates(2, "repainted"))
    post.push()
    post.rig.kill_broker()
    state.write_bytes(older)
    post.rig.start_broker()
    post.push()
    assert post.standing().keys() == post.contents().pieces.keys()


def test_a_program_that_is_not_the_publisher_is_told_so(post: Post) -> None:
    with pytest.raises(BrokerRefused, match="its certificate is to name 'publisher'"):
        post.push(post.rig.broker.endpoint(DEVICE))


def test_a_damaged_chunk_is_named_and_the_news_is_not_pushed(post: Post) -> None:
    name = post.chunks()[0]
    path = post.desk.dir / "public" / "chunks" / name[:2] / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Refused, match=f"piece {name[:12]} of what is published is damaged"):
        post.push()
    post.take()
    assert post.listed() == set()


def test_the_command_says_what_it_pushed(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    options = [*map(str, post.rig.broker_options(PUBLISHER)), "--json"]
    assert main(["push", "--dir", str(post.desk.dir), *options]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["site"], said["timestamp"], said["sent"]) == (SITE, 2, len(post.contents().pieces))


def test_nothing_published_and_nothing_current_are_said(quiet_post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    options = [*map(str, quiet_post.rig.broker_options(PUBLISHER))]
    assert main(["push", "--dir", str(quiet_post.rig.state), *options]) == 2
    assert "holds nothing published" in capsys.readouterr().err
    assert main(["push", "--dir", str(quiet_post.desk.dir), *options]) == 4
    assert "no broker answers" in capsys.readouterr().err


def test_what_was_noted_after_the_mark_is_uncertain(tmp_path: Path) -> None:
    path = tmp_path / "pushed.jsonl"
    ledger = Ledger(path, None)
    first = ledger.note(put=["a", "b"])
    ledger.note(put=["c"])
    ledger.note(gone=["a"])
    assert (Ledger(path, first).there, Ledger(path, first).maybe) == ({"b"}, {"a", "c"})


def test_what_was_taken_away_before_the_mark_is_gone_for_certain(tmp_path: Path) -> None:
    path = tmp_path / "pushed.jsonl"
    ledger = Ledger(path, None)
    ledger.note(put=["a", "b"])
    last = ledger.note(gone=["a"])
    with path.open("ab") as file:
        file.write(b'{"mark": "cut')
    found = Ledger(path, last)
    assert (found.there, found.maybe) == ({"b"}, set())


def test_a_broker_without_a_mark_holds_nothing_for_certain(tmp_path: Path) -> None:
    path = tmp_path / "pushed.jsonl"
    Ledger(path, None).note(put=["a"])
    found = Ledger(path, None)
    assert (found.there, found.maybe) == (set(), {"a"})
