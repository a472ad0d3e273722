"""The certificate of the officer's page, made on the device: nobody but the paired phone has to trust it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address

_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_WITHOUT_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""RFC 5280, 4.1.2.5: for what has no good last day. A board without a battery clock must not lock its officer out."""


def made_for(address: str) -> tuple[bytes, bytes]:
    """A self-signed certificate for one address, and its key (PEM both)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lapel")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_WITHOUT_END)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), secret


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate (PEM), as browsers show it."""
    found = sha256(ssl.PEM_cert_to_DER_cert(certificate.decode())).hexdigest().upper()
    return ":".join(found[at : at + 2] for at in range(0, len(found), 2))
