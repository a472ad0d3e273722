"""Whom a program connects to, and the certificates by which both ends know each other."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from lapel.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A broker, the authority that vouches for it, and the certificate that this program shows it."""

    host: str
    port: int
    ca_file: Path
    certificate_file: Path
    key_file: Path

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class BadCredentials(ConfigError):
    """A certificate or a key is missing, or no good; it may be in the middle of being renewed."""


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the other end is not who it should be: paho leaves that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def tls(endpoint: Endpoint) -> ssl.SSLContext:
    """TLS 1.3 with mutual authentication. Raises: BadCredentials. The files are read anew for each connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = _TidySocket
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    for what, path in (
        ("ca", endpoint.ca_file),
        ("certificate", endpoint.certificate_file),
        ("key", endpoint.key_file),
    ):
        if not path.is_file():
            raise BadCredentials(f"{path}: no such file; name the {what} file that was issued for this program")
    try:
        context.load_verify_locations(endpoint.ca_file)
    except ssl.SSLError as error:
        raise BadCredentials(f"{endpoint.ca_file}: not a PEM certificate; name the authority's certificate") from error
    try:
        context.load_cert_chain(endpoint.certificate_file, endpoint.key_file, password="")
    except ssl.SSLError as error:
        raise BadCredentials(
            f"{endpoint.certificate_file}: does not go with {endpoint.key_file}; name the pair that was issued together"
        ) from error
    return context
