"""An evidence pack carries what a station has signed as well, and says whether that covers the record."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lapel.core.signed_note import NoteKey
from lapel.errors import Tampered
from lapel.fakes.clock import FakeClock
from lapel.link.events import cloud_event
from lapel.link.offers import Offer, offer_event
from lapel.link.signals import Arrived
from lapel.store.journal import SealedJournal
from lapel.store.signing import key_of_device
from lapel.store.witnessed import WITNESSED, keep_witnessed
from lapel_tools.cli.main import main
from lapel_tools.pack import contents as of
from lapel_tools.pack.container import packed, unpacked
from lapel_tools.pack.verifying import Witness, verify_pack
from lapel_tools.station.cosigning import cosigner_at
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from pack_rig import DEVICE, Kept, alert, journal_of, kept_watch
from sync_rig import SITE, Notebook

AT_S = int(datetime(2026, 1, 31, 12, 0, tzinfo=UTC).timestamp())
NAME = f"station/{SITE}"


def witnessed(kept: Kept, folder: Path) -> NoteKey:
    """Have a station take all that the device has, and sign its head; the key that it signs with."""
    with SealedJournal(kept.state / "journal.db", kept.keys, FakeClock(), read_only=True) as journal:
        records, note = journal.after(-1, 100), journal.last_checkpoint()
    key = key_of_device(kept.state, DEVICE, kept.keys)
    source = f"/lapel/{SITE}/{DEVICE}"
    told = [cloud_event(record, source) for record in records]
    told.append(offer_event(Offer(str(note), str(key), 0, (), len(records)), source))
    messages = [Arrived(f"lapel/{SITE}/{DEVICE}/events", e.attributes, e.content_type, e.data) for e in told]
    cosigner = cosigner_at(folder / "station.db.witness", SITE)
    with closing(Register(folder / "station.db", FakeClock())) as register:
        (answer,) = Station(register, SITE, Notebook(), cosigner=cosigner).take(messages)
    assert answer.ack.witness
    keep_witnessed(kept.state, answer.ack.witness)
    return cosigner.key


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Kept, bytes, NoteKey, Path]:
    """A watch that a station witnessed, a pack of it, the station's key, and where it keeps its files."""
    folder = tmp_path_factory.mktemp("witnessed")
    kept = kept_watch(folder / "state")
    key = witnessed(kept, folder)
    return kept, kept.pack(), key, folder


def test_a_pack_shows_what_the_station_signed_and_when(made: tuple[Kept, bytes, NoteKey, Path]) -> None:
    _, data, key, _ = made
    shown = verify_pack(data, station=key)
    assert shown.witness == Witness(9, NAME, AT_S)
    assert shown.record.sequence < 9 < shown.head.size


def test_without_the_stations_key_its_signature_is_a_claim_only(made: tuple[Kept, bytes, NoteKey, Path]) -> None:
    assert verify_pack(made[1]).witness == Witness(9, NAME, None)


def test_another_stations_key_is_not_taken(made: tuple[Kept, bytes, NoteKey, Path], tmp_path: Path) -> None:
    with pytest.raises(Tampered, match="not signed by the station whose key was given"):
        verify_pack(made[1], station=cosigner_at(tmp_path / "other.witness", SITE).key)


def test_a_pack_that_no_station_signed_is_none_where_a_stations_key_is_given(
    made: tuple[Kept, bytes, NoteKey, Path], tmp_path: Path
) -> None:
    alone = kept_watch(tmp_path / "state").pack()
    assert verify_pack(alone).witness is None
    with pytest.raises(Tampered, match="no station has signed anything in it"):
        verify_pack(alone, station=made[2])


@pytest.mark.parametrize("name", [of.WITNESS, of.GROWN])
def test_every_byte_of_the_witness_counts_without_any_key(made: tuple[Kept, bytes, NoteKey, Path], name: str) -> None:
    files = unpacked(made[1])
    for at in range(len(files[name])):
        changed = files[name][:at] + bytes([files[name][at] ^ 1]) + files[name][at + 1 :]
        with pytest.raises(Tampered):
            verify_pack(packed(files | {name: changed}))


def test_a_record_after_the_last_signature_is_told_as_not_covered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = kept_watch(tmp_path / "state")
    witnessed(kept, tmp_path)
    with journal_of(kept.state) as journal:
        later = journal.append(alert(1))
    pack, key = tmp_path / "pack.zip", tmp_path / "station.db.witness.pub"
    pack.write_bytes(kept.pack(later.id))
    assert main(["pack", "verify", str(pack), "--station-key", str(key)]) == 0
    said = capsys.readouterr().out
    assert f"{NAME} signed the first 9 records at 2026-01-31 12:00:00Z, WITHOUT this one" in said
    assert main(["pack", "verify", str(pack), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["witness"] == {"size": 9, "by": NAME, "at_s": None}


@pytest.mark.parametrize("note", ["", "no note", "another"])
def test_a_note_that_is_not_this_journals_is_left_out(
    made: tuple[Kept, bytes, NoteKey, Path], tmp_path: Path, note: str
) -> None:
    kept = kept_watch(tmp_path / "state")
    foreign = (made[0].state / WITNESSED).read_text()
    keep_witnessed(kept.state, foreign if note == "another" else note)
    assert verify_pack(kept.pack()).witness is None


def test_the_authority_knows_the_key_that_a_device_signs_with_and_those_that_it_took_from_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, other, forger = (kept_watch(tmp_path / name) for name in ("state", "other", "forger"))
    folder, pack = str(tmp_path), str(tmp_path / "pack.zip")
    (tmp_path / "pack.zip").write_bytes(kept.pack())
    (tmp_path / "forged.zip").write_bytes(forger.pack())

    def list_by(state: Kept) -> None:
        key = key_of_device(state.state, DEVICE, state.keys)
        described = {"name": DEVICE, "group": "patrol", "sealing": "ab" * 32, "signing": str(key)}
        (tmp_path / "cam-7.json").write_text(json.dumps(described))
        assert main(["device", "add", "--dir", folder, str(tmp_path / "cam-7.json"), "--replace"]) == 0

    list_by(kept)
    assert main(["pack", "verify", pack, "--dir", folder]) == 0
    list_by(other)
    assert main(["pack", "verify", pack, "--dir", folder]) == 1
    assert f"signed by a key that {DEVICE} has no more" in capsys.readouterr().out
    assert main(["device", "revoke", "--dir", folder, DEVICE]) == 0
    assert main(["pack", "verify", pack, "--dir", folder]) == 1
    list_by(kept)
    assert main(["pack", "verify", pack, "--dir", folder]) == 0
    assert main(["pack", "verify", str(tmp_path / "forged.zip"), "--dir", folder]) == 5
    assert "not the key that was given" in capsys.readouterr().err


def test_a_device_that_the_authority_never_knew_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pack.zip").write_bytes(kept_watch(tmp_path / "state").pack())
    assert main(["pack", "verify", str(tmp_path / "pack.zip"), "--dir", str(tmp_path)]) == 2
    assert "has no signing key of cam-7" in capsys.readouterr().err
