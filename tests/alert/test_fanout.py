"""Several alerters at once."""

from threading import Thread

from lapel.alert.fanout import Fanout
from lapel.core.records import Record
from lapel.core.things import Hit
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.hit import made_up_hit, made_up_record


def test_one_broken_alerter_stops_none_of_the_others() -> None:
    before, broken, behind = RecordingAlerter(), RecordingAlerter(broken=True), RecordingAlerter()
    Fanout([before, broken, behind]).alert(made_up_hit(), made_up_record())
    assert [len(before.alerts), len(broken.alerts), len(behind.alerts)] == [1, 0, 1]


def test_the_others_say_once_that_one_is_broken() -> None:
    whole = RecordingAlerter()
    fanout = Fanout([whole, RecordingAlerter(broken=True)])
    for _ in range(3):
        fanout.alert(made_up_hit(), made_up_record())
    assert whole.notices == [
        "RecordingAlerter is broken and shows no alerts: the buzzer has come off; solder it on; restart Lapel"
    ]


def test_a_broken_alerter_is_tried_again_with_the_next_alert() -> None:
    mended = RecordingAlerter(broken=True)
    fanout = Fanout([mended])
    fanout.alert(made_up_hit(), None)
    mended.broken = False
    fanout.alert(made_up_hit(), None)
    assert len(mended.alerts) == 1


def test_alerters_are_told_the_same_hit_and_record() -> None:
    one, other = RecordingAlerter(), RecordingAlerter()
    hit, record = made_up_hit(), made_up_record()
    Fanout([one, other]).alert(hit, record)
    assert one.alerts[0].hit is other.alerts[0].hit is hit
    assert one.alerts[0].record is other.alerts[0].record is record


def test_a_notice_of_the_capture_thread_waits_until_an_alert_is_shown() -> None:
    alerter = Interrupted()
    alerter.fanout = Fanout([alerter])
    alerter.fanout.alert(made_up_hit(), None)
    alerter.noticing.join()
    assert alerter.heard == ["alert begins", "alert ends", "notice"]


class Interrupted:
    """An alerter beside which another thread gives a notice while it is showing an alert."""

    def __init__(self) -> None:
        self.fanout = Fanout([])
        self.heard: list[str] = []
        self.noticing = Thread(target=lambda: self.fanout.notice("camera lost"))

    def alert(self, hit: Hit, record: Record | None) -> None:
        self.heard.append("alert begins")
        self.noticing.start()
        self.noticing.join(0.2)  # time enough for a notice that does not wait
        self.heard.append("alert ends")

    def notice(self, text: str) -> None:
        self.heard.append("notice")
