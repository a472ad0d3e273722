"""The GPS relay: the lookout hears the last fix without a network, nobody else hears it, and nothing stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gps_rig import QUAY, SaidGpsd, free_port, real_gpsd
from lapel.cli.main import main
from lapel.config.profile import load_profile
from lapel.config.site import Gps
from lapel.core.gps import Heard
from lapel.core.position import Fix, Position, metres_apart, rounded
from lapel.core.record_body import parse_body
from lapel.core.records import RecordKind
from lapel.errors import HardwareError
from lapel.fakes.clock import FakeClock
from lapel.health.clock import SystemClock
from lapel.hunt.scene import write_film
from lapel.infer.tflite import Runtime
from lapel.link.gpsd import LONGEST_LINE_BYTES
from lapel.store.gallery import write_gallery
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.bench import with_runtime
from lapel.wiring.gps import Relay, serve
from lapel.wiring.hunting import bait_gallery
from lapel.wiring.local import LocalServer
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.whereabouts import ASK, LastFix, Told, told
from sync_rig import wait_until

TPV = b'{"class":"TPV","mode":3,"lat":51.2213,"lon":4.3997,"eph":8.5}\r\n'
A_FIX = Fix(QUAY, 2.0, 8.5)


@contextmanager
def relayed(folder: Path, port: int) -> Iterator[Callable[[], Told]]:
    """The relay in this process, and how it is asked."""
    stop, ready, path = threading.Event(), threading.Event(), folder / "fix.sock"
    thread = threading.Thread(target=serve, args=(path, port, folder, ready.set, stop))
    thread.start()
    assert ready.wait(20)
    try:
        yield lambda: told(path)
    finally:
        stop.set()
        thread.join(20)
        assert not path.exists()


def has_fix(path: Path) -> bool:
    try:
        return told(path).fix is not None
    except HardwareError:  # it is not there yet
        return False


def test_the_relay_tells_what_a_real_gpsd_hears_from_its_receiver(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    with real_gpsd(tmp_path) as port:
        site.write_text(
            f'[device]\nsite = "s"\nname = "n"\n[state]\nfolder = "."\n[gps]\nsocket = "fix.sock"\nport = {port}\n'
        )
        command = [sys.executable, "-m", "lapel.cli.main", "gps", "--site", str(site)]
        relay = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            wait_until(lambda: has_fix(tmp_path / "fix.sock"))
            said = told(tmp_path / "fix.sock")
            assert main(["gps", "--site", str(site), "--ask"]) == 0
        finally:
            relay.send_signal(signal.SIGTERM)
            _, complaints = relay.communicate(timeout=30)
    assert (relay.returncode, complaints) == (0, "")
    assert said.fix is not None
    assert metres_apart(said.fix.position, QUAY) < 1
    assert said.fix.accuracy_m == pytest.approx(20.9)  # what gpsd makes of a HDOP of 1.1
    assert said.fix.age_s < 10
    assert (said.counts[Heard.GARBAGE.value], said.trouble) == (0, "")


def test_garbage_cut_lines_and_lines_without_an_end_stop_nothing(tmp_path: Path) -> None:
    endless = b"x" * (3 * LONGEST_LINE_BYTES)
    with (
        closing(SaidGpsd(b"\xff\xfe\n\n\r\n", endless, b"\n" + TPV[:20], TPV[20:], stays=True)) as gpsd,
        relayed(tmp_path, gpsd.port) as ask,
    ):
        wait_until(lambda: ask().fix is not None)
        assert ask().counts == {**dict.fromkeys((each.value for each in Heard), 0), "garbage": 2, "fixes": 1}
        assert gpsd.asked == [b'?WATCH={"enable":true,"json":true};\n']


def test_a_gpsd_that_ends_is_asked_again_and_its_last_fix_stays(tmp_path: Path) -> None:
    with closing(SaidGpsd(TPV)) as gpsd, relayed(tmp_path, gpsd.port) as ask:
        wait_until(lambda: "(it ended); systemctl start gpsd" in ask().trouble)
        first = ask()
        assert first.fix is not None
        wait_until(lambda: len(gpsd.asked) > 1)


def test_without_a_gpsd_the_relay_says_so_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site, port = tmp_path / "site.toml", free_port()
    site.write_text(f'[device]\nsite = "s"\nname = "n"\n[gps]\nsocket = "fix.sock"\nport = {port}\n')
    with relayed(tmp_path, port) as ask:
        wait_until(lambda: bool(ask().trouble))
        assert main(["gps", "--site", str(site), "--ask"]) == 1
    said = capsys.readouterr().out
    assert "no fix yet" in said
    assert f"gpsd does not answer at 127.0.0.1 port {port} (Connection refused); systemctl start gpsd" in said


def test_the_relay_has_no_room_for_what_looks_at_pictures() -> None:
    code = """if True:
        import sys
        import lapel.cli.gps, lapel.health.beat, lapel.health.clock, lapel.wiring.gps
        print({"numpy", "cv2", "paho", "sqlcipher3"} & set(sys.modules))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_receiver_that_falls_silent_is_told_of() -> None:
    now_s = [100.0]
    relay = Relay(None, lambda: now_s[0])
    relay.hear(TPV)
    now_s[0] += 11
    said = json.loads(relay.answer(ASK, 0))
    assert said["fix"]["age_s"] == 11
    assert said["trouble"] == "gpsd is there, and no receiver has spoken for 11 s; see gpsmon, and its cable"


def test_only_root_the_relays_own_user_and_whose_the_state_is_are_told() -> None:
    relay, stranger = Relay(4711), 4712
    relay.hear(TPV)
    answers = {uid: relay.answer(ASK, uid) for uid in (0, os.geteuid(), 4711, stranger)}
    assert {uid for uid, answer in answers.items() if b"latitude" in answer} == {0, os.geteuid(), 4711}
    assert answers[stranger] == b"{}"


def test_another_user_than_the_lookouts_is_told_nothing(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("root: for another user to ask")
    tmp_path.chmod(0o755)
    ask = """if True:
        import os, socket
        os.setgid(12345), os.setuid(12345)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as channel:
            channel.connect("fix.sock")
            channel.send(b"fix")
            print(channel.recv(4096).decode())"""
    with closing(SaidGpsd(TPV, stays=True)) as gpsd, relayed(tmp_path, gpsd.port) as asked:
        wait_until(lambda: asked().fix is not None)
        (tmp_path / "fix.sock").chmod(0o666)
        done = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "{}\n"


def an_answer(fix: str) -> bytes:
    return b'{"fix": %s, "counts": {}, "trouble": ""}' % fix.encode()


def a_fix(latitude_deg: str = "1", age_s: str = "1", accuracy_m: str = "1") -> bytes:
    place = f'{{"latitude_deg": {latitude_deg}, "longitude_deg": 1}}'
    return an_answer(f'{{"position": {place}, "age_s": {age_s}, "accuracy_m": {accuracy_m}}}')


def test_the_lookout_takes_an_answer_that_is_one(tmp_path: Path) -> None:
    with closing(LocalServer(tmp_path / "fix.sock", lambda message, uid: a_fix(), 100)):
        assert told(tmp_path / "fix.sock") == Told(Fix(Position(1, 1), 1, 1), {})


@pytest.mark.parametrize(
    "answer",
    [
        b"{}",
        b"[]",
        b"\xff",
        b'{"fix": null, "trouble": ""}',
        an_answer("[7]"),
        an_answer('{"position": 7, "age_s": 1, "accuracy_m": 1}'),
        a_fix(latitude_deg="91"),
        a_fix(age_s="NaN"),
        a_fix(age_s="-1"),
        a_fix(accuracy_m="NaN"),
        a_fix(accuracy_m="Infinity"),
        a_fix(accuracy_m="-1"),
    ],
)
def test_the_lookout_takes_no_answer_that_is_none(tmp_path: Path, answer: bytes) -> None:
    with (
        closing(LocalServer(tmp_path / "fix.sock", lambda message, uid: answer, 100)),
        pytest.raises(HardwareError, match=r"fix\.sock: the GPS relay tells this user nothing"),
    ):
        told(tmp_path / "fix.sock")


def test_a_last_fix_grows_older_while_the_wall_clock_jumps_and_the_relay_is_gone() -> None:
    clock, said = FakeClock(), []

    def ask() -> Told:
        if len(answers) > 1:
            return answers.pop(0)
        raise HardwareError("fix.sock: no GPS relay answers; systemctl start lapel-gps")

    answers = [Told(A_FIX, {}), Told(None, {})]
    last = LastFix(ask, clock, said.append)
    assert last() is None
    last.look()
    clock.advance(5)
    clock.set_wall(datetime(1999, 8, 22, tzinfo=UTC))
    last.look()
    last.look()
    assert last() == Fix(QUAY, 7.0, 8.5)
    assert said == ["NO NEW POSITION: fix.sock: no GPS relay answers; systemctl start lapel-gps"]
    answers[:] = [Told(A_FIX, {})] * 2
    last.look()
    assert last() == A_FIX
    assert said[1:] == ["the GPS receiver is heard again"]


@pytest.mark.models
def test_an_alert_is_kept_with_a_rounded_place_its_age_and_its_accuracy(tmp_path: Path, runtime: Runtime) -> None:
    keys, profile = FileKey.create(tmp_path / "device.key"), with_runtime(load_profile("ci-video"), runtime.value)
    write_gallery(tmp_path / "list.lapel", bait_gallery(profile), keys)
    film, gps = str(write_film(tmp_path / "film.avi", 12)), Gps(tmp_path / "fix.sock")
    orders = Orders(film, tmp_path / "list.lapel", tmp_path, is_live=False, console=False, gps=gps)
    answer = Told(A_FIX, {}).encoded()
    with closing(LocalServer(tmp_path / "fix.sock", lambda message, uid: answer, 100)):
        watch(profile, orders, keys, keys)
    with SealedJournal(tmp_path / JOURNAL, keys, SystemClock(), read_only=True) as journal:
        kept = [dict(parse_body(record.body).facts) for record in journal.of_kind(RecordKind.ALERT)]
    assert kept
    for facts in kept:
        assert Position(facts["latitude_deg"], facts["longitude_deg"]) == rounded(QUAY, 100.0)
        assert (facts["position_accuracy_m"], 2 <= facts["position_age_s"] < 60) == (9, True)
