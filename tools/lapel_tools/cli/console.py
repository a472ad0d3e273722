"""``lapel-admin console``: a web page for administrators, of what the station holds."""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from pathlib import Path

from lapel.errors import UsageError
from lapel.store.keys import read_private
from lapel_tools.cli.database import add_database_option
from lapel_tools.cli.fleet import add_expectation_options, expected_from
from lapel_tools.console.accounts import SHORTEST_PASSWORD, Accounts
from lapel_tools.console.answering import Console
from lapel_tools.console.door import Door
from lapel_tools.console.server import Listening, serve, tls_of
from lapel_tools.station.holdings import Holdings, existing

HELP = "serve a web page for administrators: fleet, alerts, officers' answers, audit"
DEFAULT_LISTEN = "127.0.0.1:8700"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare serve and account."""
    parser.description = (
        "A page for administrators that shows what the station holds, and changes nothing: every device and what is to "
        "be looked after, alerts with their pictures and what officers said, how the audit stands. It needs an "
        "account; without one it shows nothing. It listens on this machine alone unless --listen says otherwise, and "
        "then with TLS only."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="serve|account")
    serving = actions.add_parser("serve", help="serve the page until it is stopped")
    add_database_option(serving)
    add_expectation_options(serving)
    serving.add_argument(
        "--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT", help="port 0 takes a free one (default %(default)s)"
    )
    serving.add_argument("--cert", type=Path, metavar="FILE", help="certificate of the page")
    serving.add_argument("--key", type=Path, metavar="FILE", help="its private key")
    serving.add_argument(
        "--host", action="append", default=[], metavar="NAME", help="a name by which browsers reach it; may be repeated"
    )
    account = actions.add_parser("account", help="make an account, give it another password, or take it away")
    account.add_argument("name", metavar="NAME", help="who logs in")
    account.add_argument("--remove", action="store_true", help="take it away; whoever is in by it is out")
    account.add_argument(
        "--password-file", type=Path, metavar="FILE", help="its first line is the password (else it is asked for)"
    )
    for action in (serving, account):
        action.add_argument("--accounts", type=Path, required=True, metavar="FILE", help="where the accounts are")


def run(args: argparse.Namespace) -> int:
    """Do what is asked. Raises: UsageError, ConfigError, StoreError, HardwareError."""
    return _account(args) if args.action == "account" else _serve(args)


def _serve(args: argparse.Namespace) -> int:
    existing(args.db)
    expected_from(args)
    accounts = Accounts(args.accounts)
    if not accounts.all():
        raise UsageError(f"{args.accounts}: holds no account; lapel-admin console account NAME makes one")
    if (args.cert is None) != (args.key is None):
        raise UsageError("--cert and --key: give both, or neither")
    host, port = _place(args.listen)
    listening = Listening(host, port, tls_of(args.cert, args.key) if args.cert else None)
    door = Door(accounts, time.monotonic)

    def made(at: int) -> Console:
        hosts = listening.hosts(at, tuple(args.host))
        return Console(
            door, lambda: Holdings(existing(args.db)), lambda: expected_from(args), hosts, args.cert is not None
        )

    def ready(at: int) -> None:
        print(f"{'https' if args.cert else 'http'}://{host}:{at}/  Ctrl-C stops it", flush=True)

    serve(listening, made, ready)
    return 0


def _account(args: argparse.Namespace) -> int:
    accounts = Accounts(args.accounts)
    if args.remove:
        accounts.remove(args.name)
        print(f"{args.name}: taken away")
        return 0
    accounts.put(args.name, _password(args))
    print(f"{args.accounts}: {args.name} may log in")
    return 0


def _password(args: argparse.Namespace) -> str:
    if args.password_file is not None:
        if not args.password_file.is_file():
            raise UsageError(f"--password-file {args.password_file}: no such file; its first line is the password")
        return read_private(args.password_file).decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
    if not sys.stdin.isatty():
        raise UsageError("no password; give --password-file, or type it at a terminal")
    password = getpass.getpass(f"Password for {args.name}, {SHORTEST_PASSWORD} characters or more: ")
    if password != getpass.getpass("Once more: "):
        raise UsageError("the two passwords differ; nothing was changed")
    return password


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--listen {text}: not HOST:PORT; for example {DEFAULT_LISTEN}")
    return host, int(port)
