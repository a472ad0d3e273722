"""An evidence pack shows what the device kept, and any change of it is found."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest

from lapel.core.record_body import Stamp, parse_body, record_of
from lapel.core.records import Event, Record, RecordKind
from lapel.core.signed_note import parse_key
from lapel.errors import StoreError, Tampered, UsageError
from lapel.fakes.clock import FakeClock
from lapel.store.journal import SealedJournal
from lapel.wiring.handover import Inbox
from lapel_tools.cli.main import main
from lapel_tools.pack import contents as of
from lapel_tools.pack.container import Files, packed, unpacked
from lapel_tools.pack.making import PATIENCE_S, make_pack
from lapel_tools.pack.verifying import verify_pack
from pack_rig import DEVICE, OTHER, PICTURE, Kept, alert, journal_of, kept_watch

REASON = ("--by", "Officer 7", "--why", "court order 12")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Kept, bytes]:
    """A pack of the alert, with the leaves. Not to be changed."""
    kept = kept_watch(tmp_path_factory.mktemp("pack") / "state")
    return kept, kept.pack(audit=True)


@pytest.fixture
def data(made: tuple[Kept, bytes]) -> bytes:
    return made[1]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return kept_watch(tmp_path / "state")


def with_file(data: bytes, name: str, content: bytes | None) -> bytes:
    """The pack with another content of one part, or without it; whole as a file."""
    files = unpacked(data)
    if content is None:
        del files[name]
    else:
        files[name] = content
    return packed(files)


def remade(data: bytes, **parts: bytes) -> bytes:
    """The pack with other parts and a manifest that names them, as a forger would do it."""
    files = unpacked(data) | {name.replace("_", "."): content for name, content in parts.items()}
    files[of.MANIFEST] = of.manifest_of({name: files[name] for name in files if name in of.PARTS})
    return packed(files)


def test_a_pack_holds_record_picture_clip_terms_models_proofs_and_the_signed_head(made: tuple[Kept, bytes]) -> None:
    kept, data = made
    shown, files = verify_pack(data), unpacked(data)
    assert shown.parts == tuple(name for name in of.ORDER if name not in ("clip.mp4", of.WITNESS, of.GROWN))
    assert (shown.id, shown.record.sequence, shown.device) == (kept.alert.id, kept.alert.sequence, DEVICE)
    assert files[of.PICTURE] == PICTURE
    assert dict(parse_body(files[of.START]).facts)["model_detector"] == "ab" * 32
    terms = json.loads(files[of.TERMS])
    assert (terms["entry"], terms["terms"]["case"], terms["terms"]["authority"]) == (
        "crate-2",
        "C-17",
        "magistrate of Springfield",
    )
    assert dict(parse_body(files[of.CLIP]).facts)["alerts"] == kept.alert.id
    assert files["clip.avi"].startswith(b"RIFF")


def test_its_export_is_on_record_before_it_is_there_with_who_and_why(made: tuple[Kept, bytes]) -> None:
    kept, data = made
    with SealedJournal(kept.state / "journal.db", kept.keys, FakeClock(), read_only=True) as journal:
        (export,) = journal.of_kind(RecordKind.EXPORT)
    shown = verify_pack(data)
    facts = dict(parse_body(export.body).facts)
    assert (shown.export.sequence, facts["form"], facts["by"], facts["why"]) == (
        export.sequence,
        "evidence pack",
        "Officer 7",
        "court order 12",
    )


def test_any_other_program_opens_it_as_a_zip(data: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == list(unpacked(data))
        assert opened.read(of.README).decode() == of.EXPLAINED


def test_the_same_files_always_give_the_same_bytes(data: bytes) -> None:
    assert packed(unpacked(data)) == data


def flips(data: bytes, count: int) -> Iterator[bytes]:
    """The bytes with one of them changed, ``count`` times."""
    draw = random.Random(1)
    for _ in range(count):
        at = draw.randrange(len(data))
        yield data[:at] + bytes([data[at] ^ draw.randrange(1, 256)]) + data[at + 1 :]


def is_found(data: bytes) -> bool:
    try:
        verify_pack(data)
    except Tampered:
        return True
    return False


def test_of_1000_changed_bytes_1000_are_found(data: bytes) -> None:
    assert sum(map(is_found, flips(data, 1000))) == 1000


def test_a_changed_byte_in_any_part_is_found_even_where_the_file_around_it_is_made_anew(data: bytes) -> None:
    files = unpacked(data)
    for name, content in files.items():
        for changed in flips(content, 30):
            assert is_found(with_file(data, name, changed)), name


@pytest.mark.parametrize("name", of.NEEDED)
def test_a_missing_part_is_found(data: bytes, name: str) -> None:
    assert is_found(with_file(data, name, None))


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"\0", lambda d: b"", lambda d: b"PK" + d])
def test_what_is_cut_off_or_added_is_found(data: bytes, change: Callable[[bytes], bytes]) -> None:
    assert is_found(change(data))


def test_parts_that_no_pack_has_or_in_another_order_are_found(data: bytes) -> None:
    files = unpacked(data)
    assert is_found(packed(files | {"more.txt": b"more"}))
    assert is_found(packed(dict(sorted(files.items(), reverse=True))))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"terms_json": of.canonical({"entry": "crate-2", "list_id": "springfield", "list_version": 1})}, "something"),
        ({"picture_jpg": b"\xff\xd8 another"}, "something else"),
        ({"clip_avi": b"RIFF another"}, "something else"),
        ({"README_txt": b"Believe it."}, "something else"),
    ],
)
def test_a_part_that_was_exchanged_together_with_its_hash_is_found(
    data: bytes, parts: dict[str, bytes], said: str
) -> None:
    with pytest.raises(Tampered, match=f"records the export of {said}"):
        verify_pack(remade(data, **parts))


def test_a_record_of_another_pack_of_the_device_does_not_pass(kept: Kept) -> None:
    first, second = unpacked(kept.pack("2")), unpacked(kept.pack("3"))
    mixed: Files = first | {of.RECORD: second[of.RECORD]}
    assert is_found(packed(mixed))
    assert is_found(remade(packed(first), record_json=second[of.RECORD]))


def test_a_head_that_another_device_signed_does_not_pass(data: bytes, tmp_path: Path) -> None:
    other = unpacked(kept_watch(tmp_path / "other", OTHER).pack())
    for names in ((of.CHECKPOINT,), (of.CHECKPOINT, of.KEY), of.SEALS):
        assert is_found(packed(unpacked(data) | {name: other[name] for name in names}))


def test_a_forged_device_of_the_same_name_is_told_by_its_key(data: bytes, tmp_path: Path) -> None:
    forged = kept_watch(tmp_path / "forged").pack(audit=True)
    known = verify_pack(data).key
    assert verify_pack(data, known).key == known
    with pytest.raises(Tampered, match="not the key that was given"):
        verify_pack(forged, known)


def test_a_key_is_read_only_as_it_is_written(data: bytes) -> None:
    text = str(verify_pack(data).key)
    assert str(parse_key(text)) == text
    for wrong in (text[:-1], text + "=", text.replace("cam-7", "cam-8"), "", "a+b+c"):
        with pytest.raises(ValueError, match="not a key"):
            parse_key(wrong)


def test_a_lookout_that_runs_records_the_export_and_signs_it(kept: Kept) -> None:
    with journal_of(kept.state) as journal:
        inbox = Inbox(kept.state, journal.append)
        try:
            waited = []

            def wait(seconds: float) -> None:
                waited.append(seconds)
                journal.checkpoint()

            shown = verify_pack(make_pack(kept.source, kept.wanted(), wait))
        finally:
            inbox.close()
    assert waited
    assert shown.export.sequence == shown.head.size - 1


def test_a_head_that_is_not_signed_in_time_is_told_with_what_to_do(kept: Kept) -> None:
    with journal_of(kept.state) as journal:
        inbox = Inbox(kept.state, journal.append)
        try:
            waited: list[float] = []
            with pytest.raises(StoreError, match="was not signed"):
                make_pack(kept.source, kept.wanted(), waited.append)
        finally:
            inbox.close()
    assert sum(waited) == pytest.approx(PATIENCE_S)


def test_terms_of_another_version_of_the_list_are_not_taken_for_those_of_the_record(kept: Kept) -> None:
    with journal_of(kept.state) as journal:
        later = journal.append(alert(1, version=2))
    with pytest.raises(UsageError, match=r"is version 1 of springfield, and the record is of version 2"):
        kept.pack(str(later.sequence))


def test_a_clip_that_was_exchanged_on_the_card_is_refused(kept: Kept, tmp_path: Path) -> None:
    (clip,) = (kept.state / "clips").iterdir()
    content = bytearray(clip.read_bytes())
    content[-20] ^= 1
    clip.write_bytes(content)
    with pytest.raises(Tampered):
        kept.pack()
    with SealedJournal(kept.state / "journal.db", kept.keys, FakeClock(), read_only=True) as journal:
        assert journal.of_kind(RecordKind.EXPORT) == ()


def test_a_record_before_any_watch_is_told_as_such(tmp_path: Path) -> None:
    kept = kept_watch(tmp_path / "state")
    with pytest.raises(UsageError, match="no list was recorded before it"):
        kept.pack("0")


def test_the_commands_make_verify_and_prove(kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = tmp_path / "evidence.zip"
    state = ["--state", str(kept.state), "--key-file", str(kept.state / "device.key")]
    assert main(["pack", "make", kept.alert.id[:8], str(pack), *state, *REASON, "--audit"]) == 0
    key = capsys.readouterr().out.splitlines()[-1].split()[-1]
    assert main(["pack", "verify", str(pack), "--json", "--device-key", key]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["record"]["id"], facts["key_compared"]) == (kept.alert.id, True)
    assert main(["audit", "verify", str(pack), "--record", "3", "--between", "2", "7", "--json"]) == 0
    proved = json.loads(capsys.readouterr().out)
    assert [head["records"] for head in proved["heads"]][:2] == [2, 7]
    assert proved["between"]
    assert set(proved["record"]["proofs"]) == {"7", str(facts["records"])}
    assert main(["pack", "verify", str(pack)]) == 0
    assert "not compared with one that you hold" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("pack", "verify", "none.zip"), 2, "cannot be read"),
        (("pack", "verify", "text.zip"), 5, "proves nothing"),
        (("pack", "verify", "text.zip", "--device-key", "cam-7"), 2, "NAME+ID+KEY"),
        (("audit", "verify", "text.zip"), 5, "proves nothing"),
        (("audit", "verify", "short.zip"), 2, "made without --audit"),
        (("audit", "verify", "long.zip", "--record", "99"), 2, "numbered from 0"),
        (("audit", "verify", "long.zip", "--between", "2", "6"), 2, "signed no head of so many records"),
        (("pack", "make", "99", "new.zip", "--state", "state", *REASON), 2, "means no record"),
        (("pack", "make", "ab", "new.zip", "--state", "state", *REASON), 2, "means no record"),
        (("pack", "make", "7", "text.zip", "--state", "state", *REASON), 2, "is there already"),
        (("pack", "make", "7", "no/new.zip", "--state", "state", *REASON), 2, "there is no folder"),
        (("pack", "make", "7", "new.zip", "--state", "none", *REASON, "--no-terms"), 2, "no such file"),
        (("pack", "make", "7", "new.zip", "--state", "state", "--by", " ", "--why", "x"), 2, "give a few words"),
        (("pack", "make", "7", "new.zip", "--state", "state", *REASON, "--watchlist", "none"), 2, "no such list"),
    ],
)
def test_bad_input_is_one_line_and_leaves_no_pack(
    made: tuple[Kept, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    kept, data = made
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state").symlink_to(kept.state)
    (tmp_path / "text.zip").write_text("no pack")
    (tmp_path / "long.zip").write_bytes(data)
    files = unpacked(data)
    (tmp_path / "short.zip").write_bytes(packed({name: files[name] for name in files if name not in of.AUDIT}))
    keys = ("--key-file", str(kept.state / "device.key")) if words[1] == "make" else ()
    assert main([*words, *keys]) == code
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "new.zip").exists()


def test_garbage_is_refused_whatever_it_is() -> None:
    draw = random.Random(3)
    for length in (0, 4, 22, 200, 5000):
        assert is_found(draw.randbytes(length))
        assert is_found(b"PK\x03\x04" + draw.randbytes(length))


def test_an_event_of_the_watch_can_be_packed_like_an_alert(kept: Kept) -> None:
    with journal_of(kept.state) as journal:
        stop = journal.append(Event(RecordKind.STOP, (("reason", "end"),)))
    shown = verify_pack(make_pack(kept.source, replace(kept.wanted(stop.id), watchlist=None)))
    assert shown.record.kind is RecordKind.STOP


def stop_with_id(kept: Kept, wanted: Callable[[str, int], bool]) -> Record:
    """A record of which the first four letters of the id, and its number, are as wanted: one of many that might be."""
    with journal_of(kept.state) as journal:
        clock, number = FakeClock(), journal.head().size
        stamp = Stamp(DEVICE, number, clock.wall_ns(), clock.boot_id(), clock.monotonic_ns())
        events = (Event(RecordKind.STOP, (("reason", str(n)),)) for n in count())
        return journal.append(next(each for each in events if wanted(record_of(each, stamp).id[:4], number)))


def test_an_id_that_begins_with_digits_is_no_number(kept: Kept) -> None:
    stop = stop_with_id(kept, lambda letters, number: letters.isdecimal() and int(letters) > number)
    shown = verify_pack(make_pack(kept.source, replace(kept.wanted(stop.id[:4]), watchlist=None)))
    assert shown.record.sequence == stop.sequence


def test_digits_that_are_one_records_number_and_anothers_id_are_refused(kept: Kept) -> None:
    stop = stop_with_id(kept, lambda letters, number: letters.isdecimal() and int(letters) < number)
    with pytest.raises(UsageError, match="means 2 records, by number or id"):
        make_pack(kept.source, replace(kept.wanted(stop.id[:4]), watchlist=None))


@pytest.mark.parametrize("missing", ["by", "why"])
def test_an_export_that_does_not_say_who_and_why_proves_nothing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    def recorded(state: Path, event: Event, *_: object) -> Record:
        with journal_of(state) as journal:
            record = journal.append(replace(event, facts=tuple(fact for fact in event.facts if fact[0] != missing)))
            journal.checkpoint()
        return record

    monkeypatch.setattr("lapel_tools.pack.making.hand_over", recorded)
    with pytest.raises(Tampered, match="does not say who made the pack, and why"):
        verify_pack(kept.pack())


def test_no_words_in_a_pack_look_like_what_verify_says(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    why = "case\n  signed by the key of cam-7 that was given\x1b[8m"
    (tmp_path / "pack.zip").write_bytes(make_pack(kept.source, replace(kept.wanted(), why=why)))
    assert main(["pack", "verify", str(tmp_path / "pack.zip")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["kept", "exported", "with", "signed", "no"]
    assert lines[2].endswith("case signed by the key of cam-7 that was given\N{REPLACEMENT CHARACTER}[8m")
