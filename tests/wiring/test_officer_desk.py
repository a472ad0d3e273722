"""What the lookout hands out to the officer's phone, and what it takes: alerts and answers, nothing else."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lapel.alert.officer import MOST
from lapel.core.clip_records import Purged, purge_event
from lapel.core.feedback import Answer, Mute, Pairing, answer_event, mute_event, pairing_event
from lapel.core.records import Event, RecordKind
from lapel.fakes.hit import ENTRY, made_up_hit
from lapel.wiring.companion import Lookout
from lapel.wiring.local import asked
from lapel.wiring.officer_desk import officer_desk
from officer_rig import Watch, drawn, watching
from sync_rig import wait_until


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    with watching(tmp_path) as begun:
        yield begun


@pytest.fixture
def lookout(tmp_path: Path) -> Lookout:
    """The lookout as the companion reaches it."""
    return Lookout(tmp_path / "officer.sock")


def seen(lookout: Lookout, since: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lookout.view(since) or b"{}")
    return found


def test_an_alert_is_handed_out_with_its_words_and_both_pictures(watch: Watch, lookout: Lookout) -> None:
    alert = watch.alerts()
    (card,) = seen(lookout)["cards"]
    assert (card["alert"], card["title"], card["check"]) == (alert, ENTRY.label, ENTRY.check)
    names = [line["name"] for line in card["lines"]]
    assert {"Why listed", "Listed until", "False alerts", "Record"} <= set(names)
    assert lookout.picture(alert, "listed") == drawn()
    assert lookout.picture(alert, "seen").startswith(b"\xff\xd8")
    assert lookout.picture("other", "seen") == b""


def test_where_it_is_known_how_the_thing_lies_it_is_handed_out_laid_on_the_reference(
    watch: Watch, lookout: Lookout
) -> None:
    hit = made_up_hit(reference_picture=drawn())
    alert = watch.alerts(replace(hit, match=replace(hit.match, motion=(40.0, 0, 0, 0, 40, 0, 0, 0, 1))))
    other = watch.alerts(hit)
    assert [card["has_straight"] for card in seen(lookout)["cards"]] == [False, True]
    assert lookout.picture(alert, "straight").startswith(b"\xff\xd8")
    assert lookout.picture(other, "straight") == b""


def test_nothing_is_handed_out_twice_until_something_changes(watch: Watch, lookout: Lookout) -> None:
    first = seen(lookout)["version"]
    assert lookout.view(first) == b""
    alert = watch.alerts()
    second = seen(lookout, first)["version"]
    assert lookout.view(second) == b""
    watch.journal.append(answer_event(alert, Answer.IS, "Officer 7"))
    assert seen(lookout, second)["log"][0]["answer"] == "it is"


def test_an_answer_a_mute_and_a_pairing_are_recorded(watch: Watch, lookout: Lookout) -> None:
    alert = watch.alerts()
    for event in (
        answer_event(alert, Answer.IS_NOT, "Officer 7"),
        mute_event(alert, Mute.MUTED, "Officer 7"),
        pairing_event(Pairing.PAIRED, "Officer 7"),
    ):
        assert lookout.say(event).trouble == ""
        assert watch.kept(event.kind) == [dict(event.facts)]
    (line,) = seen(lookout)["log"]
    assert (line["answer"], line["state"], line["is_muted"]) == ("it is not", "muted", True)


@pytest.mark.parametrize("outcome", Pairing)
def test_the_console_says_what_became_of_a_phone(outcome: Pairing, watch: Watch, lookout: Lookout) -> None:
    lookout.say(pairing_event(outcome, "Officer 7"))
    assert watch.said == [f"the officer's phone: {outcome.value} (Officer 7)"]


def test_what_was_said_of_an_entry_before_stands_on_its_next_alert(watch: Watch, lookout: Lookout) -> None:
    lookout.say(answer_event(watch.alerts(), Answer.IS_NOT, "Officer 7"))
    watch.alerts()
    newest = seen(lookout)["cards"][0]
    assert newest["lines"][-1] == {
        "name": "Answers so far",
        "text": "0 times it was, 1 times not, 0 not sure",
        "is_bad": False,
    }


@pytest.mark.parametrize("event", [purge_event("ab" * 16, Purged.HAND, "x", "y"), Event(RecordKind.ALERT, ())])
def test_the_companion_can_hand_over_nothing_else(event: Event, watch: Watch, lookout: Lookout) -> None:
    assert "handed over" in lookout.say(event).trouble
    assert watch.kept(event.kind) == []


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"7",
        b"[]",
        b"{}",
        b'{"ask": "view"}',
        b'{"ask": "view", "since": 1e999}',
        b'{"ask": "keys"}',
        b"\xff",
        b"[" * 4000,
    ],
)
def test_nonsense_gets_no_answer_that_helps_and_the_next_is_heard(
    message: bytes, watch: Watch, lookout: Lookout, tmp_path: Path
) -> None:
    if message:
        assert b"refused" in (asked(tmp_path / "officer.sock", message, 4096) or b"")
    assert seen(lookout)["log"] == []


def test_alerts_with_the_longest_texts_are_handed_out_the_newest_first(watch: Watch, lookout: Lookout) -> None:
    text = "\u8239" * 1000
    wordy = replace(ENTRY, label=text, purpose=text, case=text, authority=text, owner=text, contact=text, check=text)
    for _ in range(MOST):
        newest = watch.alerts(made_up_hit(wordy))
    view = seen(lookout)
    assert view["cards"][0]["alert"] == view["log"][0]["alert"] == newest


def test_an_alert_that_was_not_recorded_is_handed_out_and_says_so(watch: Watch, lookout: Lookout) -> None:
    watch.phone.alert(made_up_hit(), None)
    (card,) = seen(lookout)["cards"]
    assert any("NOT RECORDED" in line["text"] for line in card["lines"])
    assert "no record of it" in lookout.say(answer_event(card["alert"], Answer.IS, "Officer 7")).trouble


def test_of_a_sighting_that_is_not_located_no_picture_of_it_is_handed_out(watch: Watch, lookout: Lookout) -> None:
    alert = watch.alerts(replace(made_up_hit(reference_picture=drawn()), is_located=False))
    (card,) = seen(lookout)["cards"]
    assert (card["has_listed"], card["has_seen"]) == (True, False)
    assert lookout.picture(alert, "listed") == drawn()


def test_without_a_lookout_there_is_no_view_and_nothing_is_on_record(lookout: Lookout) -> None:
    assert lookout.view(0) is None
    assert "not running" in lookout.say(answer_event("ab", Answer.IS, "Officer 7")).trouble
    assert lookout.picture("ab", "seen") == b""


def test_a_watch_whose_folder_takes_no_socket_goes_on_and_says_so(watch: Watch, tmp_path: Path) -> None:
    said: list[str] = []
    with officer_desk(tmp_path / "none" / "officer.sock", watch.desk, said.append):
        pass
    assert said[0].startswith("NO ALERTS ON THE PHONE")


def test_the_console_says_once_that_alerts_wait_and_no_phone_is_there_and_again_after_one_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel.wiring.officer_desk.LOOK_S", 0.02)
    monkeypatch.setattr("lapel.wiring.officer_desk._AWAY_S", 0.5)
    with watching(tmp_path) as watch:
        first = watch.alerts()
        wait_until(lambda: watch.said == ["NO PHONE IN REACH: 1 alert to check; see the officer's page"])
        lookout = Lookout(tmp_path / "officer.sock")
        seen(lookout)
        watch.alerts(made_up_hit(replace(ENTRY, id="bag-2"), track=2))
        wait_until(lambda: watch.said[1:] == ["NO PHONE IN REACH: 2 alerts to check; see the officer's page"])
        lookout.say(answer_event(first, Answer.IS, "Officer 7"))
        assert watch.desk.unseen() == 1


def test_while_a_phone_asks_nothing_waits_unseen(watch: Watch, lookout: Lookout) -> None:
    watch.alerts()
    seen(lookout)
    assert watch.desk.unseen() == 0
