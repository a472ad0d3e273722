"""``lapel-admin authority certificates``: the authority that vouches for a site's devices and servers."""

from __future__ import annotations

import argparse
from pathlib import Path

from lapel.errors import UsageError
from lapel.link.topics import BROKER, PUBLISHER, STATION
from lapel_tools.broker.certificates import Authority
from lapel_tools.broker.revoking import revoke
from lapel_tools.cli.administrator import add_folder_option, add_passphrase_option, folder_from, passphrase_from

CERTIFICATES_HELP = "make the authority that vouches for devices at the broker, or issue for a server"
FOLDER = "certificates"
_SERVERS = (BROKER, STATION, PUBLISHER)


def configure_certificates(parser: argparse.ArgumentParser) -> None:
    """Declare what ``certificates`` needs."""
    parser.description = (
        "Makes the site's certificate authority, whose key a passphrase opens; ca.pem is for all, crl.pem for the "
        "broker. With --issue, a certificate and its key for a server; devices get theirs by lapel-admin device add, "
        "and make their keys themselves."
    )
    add_folder_option(parser)
    add_passphrase_option(parser)
    parser.add_argument("--issue", choices=_SERVERS, help="issue a certificate and a key for it")
    parser.add_argument(
        "--host", action="append", metavar="NAME", help="at which name or address it is reached; may be repeated"
    )


def certificates(args: argparse.Namespace) -> int:
    """Found the authority, or issue. Raises: UsageError, ConfigError, WrongKey, StoreError."""
    folder: Path = folder_from(args).path / FOLDER
    if args.issue is None:
        founded = Authority.founded(folder, f"Lapel {args.dir.resolve().name}", passphrase_from(args, folder))
        revoke(founded)
        print(f"{founded.certificate}: for every device and server; the key is opened by the passphrase alone")
        print(f"{founded.crl}: for the broker, as crlfile")
        return 0
    authority = authority_in(folder, args)
    if authority is None:
        raise UsageError(f"{folder}: holds no certificate authority; make it first, without --issue")
    if authority.issued(args.issue).exists():
        raise UsageError(f"{authority.issued(args.issue)}: is issued already; move it and its key away for another")
    if args.issue == BROKER and not args.host:
        raise UsageError("--host: missing; devices check at which name or address they reach the broker")
    pair = authority.issue(args.issue, tuple(args.host or ()))
    print(f"{pair.certificate}, {pair.key}: bring them to the {args.issue}; the key is its alone")
    return 0


def add_certificates_options(parser: argparse.ArgumentParser) -> None:
    """Declare ``--certificates`` and what opens the authority's key."""
    parser.add_argument(
        "--certificates", type=Path, metavar="DIR", help=f"the certificate authority (default {FOLDER} in --dir)"
    )
    add_passphrase_option(parser)


def certificates_from(args: argparse.Namespace) -> Authority | None:
    """The site's certificate authority; None where none was made. Raises: UsageError for one that was named."""
    folder: Path = args.certificates or args.dir / FOLDER
    authority = authority_in(folder, args)
    if authority is None and args.certificates is not None:
        raise UsageError(f"--certificates {folder}: holds no ca.pem; name the folder of the certificate authority")
    return authority


def authority_in(folder: Path, args: argparse.Namespace) -> Authority | None:
    """The authority in a folder, opened where that takes a passphrase; None where there is none."""
    authority = Authority(folder)
    if not authority.certificate.exists():
        return None
    return Authority(folder, passphrase_from(args, folder)) if authority.is_sealed else authority
