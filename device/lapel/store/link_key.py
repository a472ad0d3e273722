"""The key by which a device shows brokers who it is: made on the device, and never anywhere else.

What leaves is a certificate request. The key lies open, for the link is started by nobody who could type a passphrase:
whoever steals the card has it until the certificate is revoked.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lapel.store.atomic import write_whole

LINK_KEY = "link.key"


def make_link_key(state: Path, device: str) -> str:
    """Make a new key in the state folder; returns the certificate request (PEM) for it. Raises: StoreError."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_whole(state / LINK_KEY, [pem])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()
