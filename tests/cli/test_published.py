"""From several administrators to a device by a stick: every command, and every refusal on record."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from authority_desk import TERMS, Desk
from lapel.cli.main import main
from lapel.core.gallery import Gallery
from lapel.core.record_body import parse_body
from lapel.core.records import Event, RecordKind
from lapel.core.signed_note import parse_key
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.health.clock import SystemClock
from lapel.infer.manifest import ModelStore
from lapel.infer.shard import SearchSelfTestFailed
from lapel.store.gallery import read_gallery, write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.store.lock import WriterLock
from lapel.store.signing import is_signed
from lapel_tools.cli.main import main as admin

TODAY = datetime.now(UTC).date()
MODEL = ModelStore().describing_sha256
CRATES = tuple(made_up_entry(f"crate-{n}", TODAY + timedelta(days=9)) for n in range(4))
GALLERY = made_up_gallery(TODAY, CRATES, MODEL)


class Patrol:
    """A device with its state folder, and the authority that it trusts."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder)
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)

    def trust(self, root: Path | None = None, name: str = "cam-7", out: Path | None = None) -> int:
        root = root or self.desk.dir / "public" / "metadata" / "1.root.json"
        out = out or self.desk.folder / f"{name}.json"
        options = ["--device", name, "--group", "patrol", "--state", str(self.state), "--out", str(out)]
        return main(["watchlist", "trust", str(root), *options])

    def take(self, source: Path | None = None, *options: str) -> int:
        return main(["watchlist", "import", str(source or self.desk.dir), "--state", str(self.state), *options])

    def listed(self) -> set[str]:
        path = self.state / "watchlist.lapel"
        return {entry.id for entry in read_gallery(path, self.keys, MODEL).entries}

    @property
    def keys(self) -> FileKey:
        return FileKey(self.state / "device.key")

    def records(self) -> list[tuple[RecordKind, dict[str, object]]]:
        with SealedJournal(self.state / "journal.db", self.keys, SystemClock(), read_only=True) as journal:
            bodies = [parse_body(record.body) for record in journal.after(-1, 100)]
        return [(body.kind, dict(body.facts)) for body in bodies]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Patrol:
    """A device that trusts an authority, which has published four crates for it. Not to be changed: copy it."""
    patrol = Patrol(tmp_path_factory.mktemp("published"))
    patrol.desk.founded()
    assert patrol.trust() == 0
    assert admin(["device", "add", "--dir", str(patrol.desk.dir), str(patrol.desk.folder / "cam-7.json")]) == 0
    patrol.desk.published(GALLERY, *TERMS)
    return patrol


@pytest.fixture
def patrol(made: Patrol, tmp_path: Path) -> Patrol:
    """A copy of it."""
    shutil.copytree(made.desk.folder, tmp_path / "copy")
    return Patrol(tmp_path / "copy")


def test_a_device_tells_the_authority_the_key_that_signs_its_journal(patrol: Patrol) -> None:
    told = json.loads((patrol.desk.dir / "devices.json").read_text())[0]["signing"]
    with SealedJournal(patrol.state / "journal.db", patrol.keys, SystemClock(), "cam-7") as journal:
        journal.append(Event(RecordKind.STOP, (("reason", "end"),)))
        journal.checkpoint()
        note = journal.last_checkpoint()
    assert note is not None
    assert is_signed(note, parse_key(told))


def test_what_two_signed_arrives_on_a_stick_and_is_on_record(
    patrol: Patrol, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stick = tmp_path / "stick"
    shutil.copytree(patrol.desk.dir / "public", stick)
    capsys.readouterr()
    assert patrol.take(stick, "--json") == 0
    assert json.loads(capsys.readouterr().out)["entries"] == 4
    assert patrol.listed() == {"crate-0", "crate-1", "crate-2", "crate-3"}
    (kind, facts), *_ = patrol.records()
    assert (kind, facts["outcome"], facts["list"], facts["version"]) == (
        RecordKind.UPDATE,
        "applied",
        "springfield",
        "1",
    )


def test_every_change_of_what_is_trusted_is_on_record(patrol: Patrol, tmp_path: Path) -> None:
    patrol.take()
    first = dict(patrol.records()[-1][1])["trusted"]
    (patrol.state / "trust.sealed").unlink()
    by_hand = tmp_path / "by-hand.lapel"
    write_gallery(by_hand, GALLERY, patrol.keys)
    assert patrol.take(by_hand) == 0
    assert patrol.trust() == 0
    (_, first_again), (_, taken), (_, anew) = patrol.records()[-3:]
    assert (first_again["trusted"], taken["outcome"], taken["trusted"]) == (first, "by hand", "")
    assert anew["outcome"] == "trusted"
    assert str(anew["trusted"]).split(" ")[0] != str(first).split(" ")[0]


def test_the_first_record_of_a_device_bears_its_name(patrol: Patrol) -> None:
    patrol.take()
    with SealedJournal(patrol.state / "journal.db", patrol.keys, SystemClock(), read_only=True) as journal:
        assert [parse_body(record.body).device for record in journal.after(-1, 100)] == ["cam-7"]


def test_a_withdrawal_arrives_with_the_next_import(patrol: Patrol, capsys: pytest.CaptureFixture[str]) -> None:
    patrol.take()
    patrol.desk.withdraw("carol", "--list", "springfield", "--entry", "crate-2", "--reason", "given back")
    assert patrol.take() == 0
    assert "withdrawn: crate-2" in capsys.readouterr().out
    assert patrol.listed() == {"crate-0", "crate-1", "crate-3"}
    facts = patrol.records()[-1][1]
    assert (facts["withdrawn"], facts["entries"]) == ("crate-2", "3")


def test_a_withdrawal_beside_a_refused_list_is_on_record_with_what_is_left(patrol: Patrol) -> None:
    patrol.take()
    patrol.desk.published(made_up_gallery(TODAY, CRATES, "ef" * 32))
    patrol.desk.withdraw("carol", "--list", "springfield", "--entry", "crate-2", "--reason", "given back")
    assert patrol.take() == 5
    (_, withdrawn), (kind, _) = patrol.records()[-2:]
    assert (withdrawn["outcome"], withdrawn["entries"], kind) == ("withdrawn", "3", RecordKind.REFUSAL)


def test_a_refusal_is_on_record_with_why_and_the_list_stays(patrol: Patrol, capsys: pytest.CaptureFixture[str]) -> None:
    patrol.take()
    patrol.desk.published(made_up_gallery(TODAY, CRATES[:1], "ef" * 32))
    assert patrol.take() == 5
    assert "made by models efefefefefef" in capsys.readouterr().err
    assert len(patrol.listed()) == 4
    kind, facts = patrol.records()[-1]
    assert (kind, facts["what"]) == (RecordKind.REFUSAL, "update refused: model")


def test_a_list_that_the_runtime_searches_wrongly_is_refused_on_record(
    patrol: Patrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(gallery: Gallery) -> None:
        raise SearchSelfTestFailed("off by up to 0.5")

    monkeypatch.setattr("lapel.wiring.updating.answers", wrong)
    assert patrol.take() == 1
    facts = {"what": "update refused: SearchSelfTestFailed", "why": "off by up to 0.5"}
    assert patrol.records()[-1] == (RecordKind.REFUSAL, facts)


def test_a_tampered_stick_is_refused_on_record(patrol: Patrol) -> None:
    for path in (patrol.desk.dir / "public" / "chunks").glob("*/*"):
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert patrol.take() == 5
    assert patrol.records()[-1][1]["what"] == "update refused: tampered"


@pytest.mark.parametrize("held", ["watchlist.lapel", "trust.sealed"])
def test_two_imports_at_once_do_not_write_over_each_other(
    patrol: Patrol, held: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapel.wiring.updating._PATIENCE_S", 0.1)
    lock = WriterLock(patrol.state / held)
    assert patrol.take() == 4
    assert "let that import end, and import again" in capsys.readouterr().err
    lock.release()
    assert patrol.take() == 0


def test_an_old_stick_is_told_as_stale(patrol: Patrol, monkeypatch: pytest.MonkeyPatch) -> None:
    patrol.take()
    later = SystemClock().wall_ns() + 8 * 86_400 * 10**9
    monkeypatch.setattr(SystemClock, "wall_ns", lambda self: later)
    assert patrol.take() == 5
    assert patrol.records()[-1][1]["what"] == "update stale: frozen"


def test_an_unsigned_list_is_refused_by_a_device_that_trusts_an_authority(
    patrol: Patrol, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_gallery(tmp_path / "own.lapel", GALLERY, patrol.keys)
    assert patrol.take(tmp_path / "own.lapel") == 5
    assert "nobody signed it" in capsys.readouterr().err


def test_a_folder_is_of_no_use_to_a_device_that_trusts_nobody(
    patrol: Patrol, capsys: pytest.CaptureFixture[str]
) -> None:
    (patrol.state / "trust.sealed").unlink()
    assert patrol.take() == 2
    assert "trusts no authority yet" in capsys.readouterr().err


def test_a_folder_without_anything_published_is_a_usage_error(patrol: Patrol, tmp_path: Path) -> None:
    assert patrol.take(tmp_path) == 2


def test_no_authority_is_trusted_where_the_device_cannot_be_described(patrol: Patrol) -> None:
    (patrol.state / "trust.sealed").unlink()
    assert patrol.trust(name="cam-8", out=patrol.desk.folder / "missing" / "cam-8.json") == 4
    assert patrol.trust(name="cam-8") == 0
    assert (patrol.desk.folder / "cam-8.json").exists()


def test_no_authority_is_trusted_where_the_signing_key_is_damaged(patrol: Patrol) -> None:
    (patrol.state / "trust.sealed").unlink()
    (patrol.state / "signing.sealed").write_bytes(b"damaged")
    assert patrol.trust(name="cam-8") == 5
    assert not (patrol.state / "trust.sealed").exists()


def test_an_authority_is_trusted_once(patrol: Patrol) -> None:
    assert patrol.trust() == 3


@pytest.mark.parametrize("content", [None, b"", b"not a root"])
def test_what_is_no_root_is_not_trusted(tmp_path: Path, content: bytes | None) -> None:
    patrol = Patrol(tmp_path)
    root = tmp_path / "root.json"
    if content is not None:
        root.write_bytes(content)
    assert patrol.trust(root) == 2
    assert not (patrol.state / "trust.sealed").exists()


def test_a_device_follows_its_authority_through_a_lost_key(patrol: Patrol) -> None:
    patrol.take()
    patrol.desk.rotate("--remove", "carol", "--add", str(patrol.desk.public("dora")))
    assert [patrol.desk.sign("alice"), patrol.desk.sign("bob"), patrol.desk.publish()] == [0, 0, 0]
    patrol.desk.propose("bob", replace(GALLERY, entries=CRATES[:2], references=GALLERY.references[:4]))
    assert [patrol.desk.sign("dora"), patrol.desk.publish()] == [0, 0]
    assert patrol.take() == 0
    assert patrol.listed() == {"crate-0", "crate-1"}
