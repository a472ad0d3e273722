"""``lapel-admin authority``: who may say what is looked for."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.errors import UsageError
from lapel.store.choosing import LISTS
from lapel.store.releases import releases_in
from lapel.store.withdrawal_terms import wipes_in, withdrawals_in
from lapel_tools.authority.administrators import make_administrator, read_public
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.proposal import Proposal, check_place, read_proposal, signatures
from lapel_tools.authority.roles import administrators_of, threshold_of
from lapel_tools.authority.rotation import Rotation, founded, rotated
from lapel_tools.cli.administrator import add_folder_option, add_passphrase_option, folder_from, now, passphrase_from
from lapel_tools.cli.certificates import CERTIFICATES_HELP, certificates, configure_certificates

HELP = "make an authority, change its administrators, or see how it stands"
FINE, FINDING = 0, 1

_DESCRIPTION = """\
An authority is a folder and its administrators. What is looked for takes the signatures of several of them (2 of 3,
unless --threshold says otherwise); each alone may withdraw, and nothing else.

Everyone makes a key on a machine of their own (key) and hands over the public part. init and rotate make a proposal,
which administrators sign (lapel-admin sign) before it is published (lapel-admin publish). A rotated root takes
signatures by the old administrators and by the new ones: with 2 of 3 a lost key is survived, by the other two."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare key, init, rotate, status and certificates."""
    parser.description = _DESCRIPTION
    actions = parser.add_subparsers(dest="action", required=True, metavar="key|init|rotate|status|certificates")
    key = actions.add_parser("key", help="make an administrator's keys, sealed by a passphrase")
    key.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="where your keys go; others need FILE.public.json"
    )
    key.add_argument("--name", required=True, help="your name, as others will see it at every signature")
    add_passphrase_option(key)
    init = actions.add_parser("init", help="propose a new authority")
    add_folder_option(init)
    init.add_argument(
        "--administrator", type=Path, action="append", required=True, metavar="FILE", help="public part; once for each"
    )
    init.add_argument("--threshold", type=int, default=2, metavar="N", help="how many sign (default %(default)s)")
    rotate = actions.add_parser("rotate", help="propose other administrators; without any, a new year for the same")
    add_folder_option(rotate)
    rotate.add_argument(
        "--add", type=Path, action="append", default=[], metavar="FILE", help="public part of a new one"
    )
    rotate.add_argument(
        "--remove", action="append", default=[], metavar="NAME", help="one whose key is lost or revoked"
    )
    rotate.add_argument("--threshold", type=int, metavar="N", help="how many sign from now on")
    rotate.add_argument("--new-online-key", action="store_true", help="when the key of the publishing machine leaked")
    rotate.add_argument(
        "--drop-settled", action="store_true", help="make room among withdrawals: drop what newer lists have settled"
    )
    for action in (init, rotate):
        action.add_argument("--replace", action="store_true", help="drop a proposal that waits")
    status = actions.add_parser("status", help="administrators, ends, lists, proposal; 1 where something has expired")
    add_folder_option(status)
    status.add_argument("--json", action="store_true", help="for a machine to read")
    configure_certificates(actions.add_parser("certificates", help=CERTIFICATES_HELP))


def run(args: argparse.Namespace) -> int:
    """Do what is asked. Raises: UsageError, ConfigError, Refused, StoreError."""
    actions = {"key": _key, "init": _init, "rotate": _rotate, "status": _status, "certificates": certificates}
    return actions[args.action](args)


def _key(args: argparse.Namespace) -> int:
    public = make_administrator(args.key, args.name, passphrase_from(args))
    print(f"{args.key}: keys of {args.name}, opened by the passphrase alone; keep a copy in another place")
    print(f"{public}: the public part; hand it to whoever makes the authority")
    return FINE


def _init(args: argparse.Namespace) -> int:
    if (args.dir.exists() and not args.dir.is_dir()) or not args.dir.absolute().parent.is_dir():
        raise UsageError(f"--dir {args.dir}: not a folder, and none can be made there; name another")
    authority = AuthorityFolder(args.dir)
    check_place(authority, args.replace)
    administrators = tuple(read_public(path) for path in args.administrator)
    return _said(authority, founded(authority, administrators, args.threshold, now()))


def _rotate(args: argparse.Namespace) -> int:
    authority = folder_from(args)
    check_place(authority, args.replace)
    add = tuple(read_public(path) for path in args.add)
    rotation = Rotation(add, tuple(args.remove), args.threshold, args.new_online_key, args.drop_settled)
    return _said(authority, rotated(authority, rotation, now()))


def _said(authority: AuthorityFolder, proposal: Proposal) -> int:
    assert proposal.root is not None
    names = ", ".join(each.name for each in administrators_of(proposal.root.signed))
    print(f"{proposal.folder}: proposed: {names}, of whom {threshold_of(proposal.root.signed)} sign together")
    print(f"next: lapel-admin sign --dir {authority.path} --key FILE, by each of them; then lapel-admin publish")
    return FINE


def _status(args: argparse.Namespace) -> int:
    authority = folder_from(args)
    facts, expired = _facts(authority, now())
    if args.json:
        print(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for name, value in facts.items():
            lines = value if isinstance(value, list) else [value]
            for line in lines or ["none"]:
                print(f"{name:<15} {line}")
    for line in expired:
        print(f"lapel-admin: {line}", file=sys.stderr)
    return FINDING if expired else FINE


def _facts(authority: AuthorityFolder, at: datetime) -> tuple[dict[str, object], list[str]]:
    facts: dict[str, object] = {}
    expired: list[str] = []
    if authority.newest_root() is not None:
        current = authority.current()
        root = current.root.signed
        facts["administrators"] = [each.name for each in administrators_of(root)]
        facts["threshold"] = threshold_of(root)
        for role, metadata in (
            ("root", current.root),
            ("targets", current.targets),
            ("withdrawals", current.withdrawals),
            ("snapshot", current.snapshot),
            ("timestamp", current.timestamp),
        ):
            signed = metadata.signed
            facts[role] = f"version {signed.version}, until {signed.expires:%Y-%m-%d %H:%M} UTC"
            if signed.is_expired(at):
                remedy = "publish --renew" if role in {"snapshot", "timestamp"} else "authority rotate"
                expired.append(f"{role} expired on {signed.expires:%Y-%m-%d}, devices refuse it; lapel-admin {remedy}")
        used = len(current.withdrawals.to_bytes())
        facts["withdrawals"] = f"{facts['withdrawals']}; {used:,} of {LARGEST_MESSAGE_BYTES:,} bytes used"
        targets = current.targets.signed
        facts["lists"] = sorted(path for path in targets.targets if path.startswith(LISTS))
        facts["software"] = [str(each) for each in releases_in(targets)]
        facts["withdrawn"] = [
            f"{each.serial}: {each.list_id} {each.entry_id or 'as a whole'}, by {each.by}: {each.reason}"
            for each in withdrawals_in(current.withdrawals.signed)
        ]
        facts["wiped"] = [
            f"{each.device} key {each.sealing[:16]}, {each.why} ({each.at[:10]})"
            for each in wipes_in(current.withdrawals.signed)
        ]
    if authority.proposal.is_dir():
        waiting = signatures(authority, read_proposal(authority))
        facts["proposal"] = [
            f"{each.role}: signed by {', '.join(each.signed) or 'nobody'}, {each.missing} missing" for each in waiting
        ]
    return facts, expired
