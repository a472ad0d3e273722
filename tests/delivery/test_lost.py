"""A lost device is wiped from afar, by order of one administrator; it tells the station all that it has left to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from delivery_rig import Post, crates
from footage import patient_profile, write_video
from lapel.cli.main import main as lapel
from lapel.store.pinning import pin
from lapel.store.trust import FILE
from lapel.store.wiping import WIPED
from lapel.wiring.ordered_wipe import ordered
from lapel_tools.cli.main import main as admin
from sync_rig import DEVICE, SITE, finish, wait_until

pytestmark = pytest.mark.mosquitto

SECRETS = {FILE, "watchlist.lapel", "journal.db", "link.db", "device.key"}
REFUSED = 5


@pytest.fixture
def working(post: Post) -> Post:
    """A device that has a list of four crates, and three records that the station lacks."""
    post.push()
    post.take()
    post.rig.write(3)
    return post


def link_once(post: Post) -> int:
    """``lapel link --once``, in this process."""
    options = (*post.rig.broker_options(DEVICE), "--device", DEVICE, "--state", post.rig.state)
    return lapel(["link", "--once", *map(str, options)])


def secrets_left(post: Post) -> set[str]:
    """What a thief would want of the state folder, and who opens it."""
    return {path.name for path in post.rig.state.rglob("*") if path.is_file()} & SECRETS


def fleet_status(post: Post, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """What ``lapel-admin fleet status`` says of the device."""
    capsys.readouterr()
    admin(["fleet", "status", "--db", str(post.rig.db), "--dir", str(post.desk.dir), "--json"])
    devices = {each["device"]: each for each in json.loads(capsys.readouterr().out)["devices"]}
    found = devices[DEVICE]
    assert isinstance(found, dict)
    return found


def test_a_device_that_was_away_tells_the_station_all_and_destroys_its_keys(
    working: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    with working.rig.station():
        working.rig.drain()
        assert working.desk.wipe("carol", DEVICE) == 0
        working.push()
        assert "has not said so yet" in str(fleet_status(working, capsys)["findings"])
        working.rig.write(2)
        assert link_once(working) == REFUSED
    assert "ordered by carol: lost" in capsys.readouterr().err
    assert secrets_left(working) == set()
    assert (working.rig.state / WIPED).exists()
    said = working.at_the_station()
    assert [facts.get("entry") for facts in said[-4:]] == ["thing-4", "thing-5", None, None]
    assert said[-2]["outcome"] == "to be wiped"
    assert {"by": "carol", "why": "lost"}.items() <= said[-1].items()
    status = fleet_status(working, capsys)
    assert "ordered by carol: lost" in str(status["wipe"])
    assert status["findings"] == [
        f"began to wipe itself; lapel-admin device revoke {DEVICE}, and propose its lists again"
    ]
    assert link_once(working) == REFUSED
    assert secrets_left(working) == set()


def test_a_lookout_and_a_link_at_work_both_end_and_the_last_one_destroys_the_keys(
    working: Post, tmp_path: Path
) -> None:
    rig = working.rig
    clip, site = write_video(tmp_path / "clip.mp4", 3000), tmp_path / "site.toml"
    site.write_text(f'[device]\nsite = "{SITE}"\nname = "{DEVICE}"\n[state]\nfolder = "{rig.state}"\n')
    given = ("--site", site, "--watchlist", rig.state / "watchlist.lapel", "--profile", patient_profile(tmp_path))
    watch = rig.command("lapel.cli.main", "run", clip, *given)
    try:
        wait_until(lambda: (rig.state / "lookout.sock").exists())
        with rig.station():
            link = rig.link_command()
            working.desk.wipe("bob", DEVICE)
            working.push()
            assert finish(link)[0] == REFUSED
            code, out, _ = finish(watch)
    finally:
        watch.kill()
    assert code == REFUSED
    assert "THIS DEVICE IS WIPED, ordered by bob: lost" in out
    assert secrets_left(working) == set()
    assert [facts["by"] for facts in working.at_the_station() if facts.get("why") == "lost"] == ["bob"]


def test_without_a_station_the_keys_go_all_the_same(working: Post, capsys: pytest.CaptureFixture[str]) -> None:
    working.desk.wipe("carol", DEVICE)
    working.push()
    assert link_once(working) == REFUSED
    assert "wipe_not_told" in capsys.readouterr().err
    assert secrets_left(working) == set()


def test_an_order_that_was_heard_is_obeyed_at_the_next_start_with_no_broker_in_reach(working: Post) -> None:
    working.desk.wipe("carol", DEVICE)
    working.push()
    working.take()
    working.rig.kill_broker()
    assert ordered(working.rig.state, working.rig.key) is not None
    assert link_once(working) == REFUSED
    assert secrets_left(working) == set()


def test_no_other_device_obeys_nor_this_one_once_it_was_set_up_again(working: Post) -> None:
    state, root = working.rig.state, working.desk.metadata()["1.root.json"]
    working.desk.device("cam-9")
    assert [working.desk.wipe("carol", name) for name in ("cam-9", DEVICE)] == [0, 0]
    (state / FILE).unlink()
    working.desk.describe(pin(state, root, DEVICE, "patrol", working.rig.key).described())
    working.desk.published(crates(5))
    working.push()
    working.take()
    assert ordered(state, working.rig.key) is None
    assert len(working.listed()) == 5


def test_the_order_comes_on_a_stick_as_well(working: Post) -> None:
    working.desk.wipe("carol", DEVICE)
    public = str(working.desk.dir / "public")
    assert lapel(["watchlist", "import", public, "--state", str(working.rig.state)]) == REFUSED
    assert secrets_left(working) == set()


def test_a_stranger_orders_nothing_nor_is_anything_ordered_twice_or_of_a_device_that_is_not_listed(
    working: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    before = working.desk.metadata()
    assert working.desk.wipe("dora", DEVICE) == REFUSED
    assert working.desk.wipe("carol", "cam-77") == 2
    assert working.desk.wipe("carol", DEVICE, "two\nlines") == 2
    assert working.desk.metadata() == before
    assert working.desk.wipe("carol", DEVICE) == 0
    assert working.desk.wipe("bob", DEVICE) == 2
    said = capsys.readouterr().err
    for part in ("dora: is no administrator", "cam-77: is not listed", "in one line", "was ordered to be wiped on"):
        assert part in said
    working.desk.status()
    assert f"{DEVICE} key " in capsys.readouterr().out
