"""``lapel-admin pack``: evidence of one record, in a file that anybody can check."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from lapel.alert.words import plain
from lapel.cli.words import few_words
from lapel.core.signed_note import NoteKey, parse_key
from lapel.errors import UsageError
from lapel.health.clock import SystemClock
from lapel.store.atomic import write_whole
from lapel.store.keys import FileKey
from lapel.store.trust import WATCHLIST
from lapel_tools.authority.devices import former_keys, read_devices
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.pack.container import MOST_BYTES
from lapel_tools.pack.making import Source, Wanted, make_pack
from lapel_tools.pack.verifying import Shown, verify_pack

HELP = "make or verify an evidence pack: a record with its picture, clip, terms and proofs"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare make and verify."""
    parser.description = (
        "An evidence pack is a zip file: a record, its picture and clip, the terms of the listed thing, the hashes of "
        "the models, and proofs that all of it is what the device kept and exported. Making one is recorded on the "
        "device, with who did it and why; so it takes the device's state folder: the station "
        "has neither clips nor the list. Verifying one takes nothing but the file."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="make|verify")
    make = actions.add_parser("make", help="make one from a device's state folder; the lookout may run")
    make.add_argument("record", metavar="RECORD", help="its number, or four letters or more of its id")
    make.add_argument("file", type=Path, metavar="FILE", help="where the pack goes")
    make.add_argument("--state", type=Path, required=True, metavar="DIR", help="the device's state folder")
    add_key_options(make, "opens the state")
    make.add_argument("--by", required=True, type=few_words, metavar="NAME", help="who makes it")
    make.add_argument("--why", required=True, type=few_words, metavar="TEXT", help="what for")
    make.add_argument("--watchlist", type=Path, metavar="LIST", help=f"the list (default {WATCHLIST} in the state)")
    make.add_argument(
        "--watchlist-key-file", type=Path, metavar="FILE", help="opens it (default: what opens the state)"
    )
    make.add_argument("--no-terms", action="store_true", help="without the terms of the listed thing")
    make.add_argument(
        "--audit", action="store_true", help="with every leaf and signed head, for lapel-admin audit verify"
    )
    verify = actions.add_parser(
        "verify", help="exit 0: it is whole and what the device signed; 1: by a key taken from it; 5: not"
    )
    add_verifying_options(verify)


def add_verifying_options(parser: argparse.ArgumentParser) -> None:
    """Declare what every command that reads a pack takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the pack")
    known = parser.add_mutually_exclusive_group()
    known.add_argument("--device-key", metavar="KEY", help="the device's public key: NAME+ID+KEY, or a file of it")
    known.add_argument("--dir", type=Path, metavar="DIR", help="or the authority's folder, which has the key")
    parser.add_argument(
        "--station-key",
        metavar="KEY",
        help="the station's: NAME+ID+KEY, or its file .witness.pub; it has to have signed",
    )
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def run(args: argparse.Namespace) -> int:
    """Do what is asked. Raises: UsageError, Tampered, WrongKey, Refused, StoreError."""
    return _make(args) if args.action == "make" else _verify(args)


def shown_by(args: argparse.Namespace) -> Shown:
    """What the pack that was named shows. Raises: UsageError, Tampered."""
    path: Path = args.file
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path}: is over {MOST_BYTES >> 20} MiB; no pack is")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; give a pack") from error
    station = _key("--station-key", args.station_key)
    shown = verify_pack(data, _key("--device-key", args.device_key), station)
    return shown if args.dir is None else verify_pack(data, _known_key(args.dir, shown), station)


def is_compared(args: argparse.Namespace) -> bool:
    """Whether the device's key was held against one that was given."""
    return args.device_key is not None or args.dir is not None


def is_former(args: argparse.Namespace, shown: Shown) -> bool:
    """Whether the device's key is one that the authority took from it. Raises: UsageError."""
    return args.dir is not None and str(shown.key) in former_keys(args.dir, shown.device)


def told_of_key(args: argparse.Namespace, shown: Shown) -> str:
    """Whose signature it is, and how far that goes."""
    if is_former(args, shown):
        return f"signed by a key that {shown.device} has no more; only a station's signature shows that it was before"
    if is_compared(args):
        return f"signed by the key of {shown.device} that was given"
    return f"signed by a key of its own, not compared with one that you hold: {shown.key}"


def _make(args: argparse.Namespace) -> int:
    if args.file.exists():
        raise UsageError(f"{args.file}: is there already; name another file")
    if not args.file.absolute().parent.is_dir():
        raise UsageError(f"{args.file}: there is no folder {args.file.parent}; make it first")
    keys = key_for_reading(args)
    watchlist: Path = args.watchlist or args.state / WATCHLIST
    if not (args.no_terms or watchlist.is_file()):
        raise UsageError(f"{watchlist}: there is no such list; name it by --watchlist, or give --no-terms")
    opens = FileKey(args.watchlist_key_file) if args.watchlist_key_file else keys
    wanted = Wanted(args.record, None if args.no_terms else (watchlist, opens), args.by, args.why, args.audit)
    data = make_pack(Source(args.state, keys, SystemClock()), wanted)
    write_whole(args.file, [data])
    shown = verify_pack(data)
    print(f"{args.file}: {len(data)} bytes, {', '.join(shown.parts)}")
    print(f"Its export is record {shown.export.sequence}. Whoever checks it is to have, by another way: {shown.key}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    shown = shown_by(args)
    if args.json:
        print(json.dumps(_facts(args, shown), ensure_ascii=False))
        return int(is_former(args, shown))
    record, export = shown.record, dict(shown.export.facts)
    print(f"{args.file}: {plain(f'record {record.sequence} of {shown.device} ({shown.id}), {record.kind.value},')}")
    said = (
        f"kept at {record.at[:19]}Z, is unchanged and in its place among the first {shown.head.size} records",
        f"exported at {shown.export.at[:19]}Z by {export['by']}: {export['why']}",
        f"with {', '.join(shown.parts)}",
        told_of_key(args, shown),
        _told_of_witness(shown),
    )
    # Whoever made the pack chose the words in it; they are to look like nothing that is said here.
    print(*(f"  {plain(line)}" for line in said), sep="\n")
    return int(is_former(args, shown))


def _told_of_witness(shown: Shown) -> str:
    witness = shown.witness
    if witness is None:
        return "no station has signed what the device signed"
    covers = "with" if shown.record.sequence < witness.size else "WITHOUT"
    at = f" at {datetime.fromtimestamp(witness.at_s, UTC):%Y-%m-%d %H:%M:%S}Z" if witness.at_s is not None else ""
    claim = "" if at else ", as it says itself: its key was not given"
    return f"{witness.by} signed the first {witness.size} records{at}, {covers} this one{claim}"


def _facts(args: argparse.Namespace, shown: Shown) -> dict[str, object]:
    return {
        "device": shown.device,
        "record": {"sequence": shown.record.sequence, "id": shown.id, "kind": shown.record.kind.value},
        "at": shown.record.at,
        "facts": dict(shown.record.facts),
        "export": dict(shown.export.facts) | {"at": shown.export.at, "sequence": shown.export.sequence},
        "records": shown.head.size,
        "root": shown.head.root.hex(),
        "parts": list(shown.parts),
        "key": str(shown.key),
        "key_compared": is_compared(args),
        "key_former": is_former(args, shown),
        "witness": asdict(shown.witness) if shown.witness else None,
        "witness_compared": args.station_key is not None,
    }


def _known_key(folder: Path, shown: Shown) -> NoteKey:
    if not folder.is_dir():
        raise UsageError(f"--dir {folder}: there is no such folder; name the authority's")
    if str(shown.key) in former_keys(folder, shown.device):
        return shown.key
    name, known = shown.device, {each.name: each.signing for each in read_devices(folder)}
    if not known.get(name):
        raise UsageError(f"--dir {folder}: has no signing key of {name}; lapel-admin device add --replace takes it")
    return parse_key(known[name])


def _key(option: str, text: str | None) -> NoteKey | None:
    if text is None:
        return None
    try:
        path = Path(text)
        return parse_key(path.read_text(encoding="utf-8").strip() if path.is_file() else text)
    except (OSError, ValueError) as error:
        raise UsageError(f"{option} {text[:80]}: {error}; it is written NAME+ID+KEY") from error
