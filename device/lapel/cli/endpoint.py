"""The options of every command that connects to a broker."""

from __future__ import annotations

import argparse
from pathlib import Path

from lapel.errors import UsageError
from lapel.link.endpoint import Endpoint

DEFAULT_PORT = 8883


def add_broker_options(parser: argparse.ArgumentParser) -> None:
    """Give a command --broker, --ca, --cert, --key and --site-name."""
    group = parser.add_argument_group("broker")
    group.add_argument("--broker", metavar="HOST[:PORT]", help=f"MQTT 5 over TLS (default port {DEFAULT_PORT})")
    group.add_argument(
        "--ca", type=Path, metavar="FILE", help="certificate of the authority that vouches for the broker"
    )
    group.add_argument("--cert", type=Path, metavar="FILE", help="certificate that this program shows the broker")
    group.add_argument("--key", type=Path, metavar="FILE", help="private key of that certificate")
    group.add_argument("--site-name", metavar="NAME", help="the site: second part of every topic")


def endpoint_from(args: argparse.Namespace) -> Endpoint:
    """The broker that the options name. Raises: UsageError naming what is missing."""
    missing = [f"--{name}" for name in ("broker", "ca", "cert", "key") if getattr(args, name) is None]
    if missing:
        raise UsageError(f"{', '.join(missing)}: missing; a broker is reached with mutual TLS only")
    host, port = host_and_port(args.broker)
    return Endpoint(host, port, args.ca, args.cert, args.key)


def host_and_port(text: str) -> tuple[str, int]:
    """``host``, ``host:port`` or ``[IPv6]:port``. Raises: UsageError."""
    host, colon, port = text.rpartition(":")
    if not colon or (host.count(":") and not host.startswith("[")):
        host, port = text, str(DEFAULT_PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(f"--broker {text}: not HOST:PORT; for example broker.example:{DEFAULT_PORT}")
    return host, int(port)
