"""A site's certificate authority: it vouches for the broker, for the station, and for devices, which it can revoke.

A device's private key stays on the device: what is brought here is its certificate request. The authority's own key
is sealed by a passphrase; one for trying and for tests is not, and is no protection.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lapel.errors import ConfigError, UsageError
from lapel.link.topics import checked_name
from lapel.ports import KeyProvider
from lapel.store.atomic import write_whole
from lapel.store.sealed import read_sealed, write_sealed

LOOPBACK = ("localhost", "127.0.0.1", "::1")
TRIAL = "Lapel test authority, not for use"
TRIAL_VALID, VALID, ISSUED_VALID = (datetime.timedelta(days=days) for days in (90, 3650, 365))
_LENT = datetime.timedelta(minutes=10)
CLOCK_SLACK = datetime.timedelta(hours=1)
_KEY, _SEALED_KEY, _PURPOSE = "ca.key", "ca.sealed", "certificate authority"
FORMER = "former"
_READABLE = 0o644


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a certificate and of its private key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority in a folder: ``ca.pem`` is what others trust, ``crl.pem`` whom it vouches for no more.

    ``keys`` open its private key; None for one that is for trying, whose key lies open.
    """

    folder: Path
    keys: KeyProvider | None = field(default=None, repr=False)

    @property
    def certificate(self) -> Path:
        """The authority's own certificate."""
        return self.folder / "ca.pem"

    @property
    def crl(self) -> Path:
        """The certificates that are revoked, signed: what a broker takes as ``crlfile``."""
        return self.folder / "crl.pem"

    @property
    def is_sealed(self) -> bool:
        """Whether it takes a passphrase to sign."""
        return (self.folder / _SEALED_KEY).exists()

    @staticmethod
    def at(folder: Path) -> Authority:
        """The authority for trying that lives in a folder; a new one where there is none."""
        authority = Authority(folder)
        if not authority.certificate.exists():
            folder.mkdir(parents=True, exist_ok=True)
            authority._found(TRIAL, TRIAL_VALID)
        return authority

    @staticmethod
    def founded(folder: Path, name: str, keys: KeyProvider) -> Authority:
        """A new one, for use. Raises: ConfigError where one is, StoreError."""
        authority = Authority(folder, keys)
        if authority.certificate.exists():
            raise ConfigError(f"{authority.certificate}: exists already; all that it issued would count no more")
        folder.mkdir(parents=True, exist_ok=True)
        authority._found(name, VALID)
        return authority

    def issue(self, name: str, hosts: tuple[str, ...] = LOOPBACK) -> Pair:
        """A certificate with ``name`` as its common name, and its key: for the broker, the station, the publisher.

        An existing pair is kept. It serves both ends of TLS, the server's at ``hosts``.
        """
        pair = Pair(self.issued(name), self.folder / f"{name}.key")
        if not (pair.certificate.exists() and pair.key.exists()):
            key = ec.generate_private_key(ec.SECP256R1())
            valid = TRIAL_VALID if self.keys is None else ISSUED_VALID
            builder = _builder(named(name), self.issuer, key.public_key(), valid).add_extension(
                x509.SubjectAlternativeName([_address(host) for host in hosts]), critical=False
            )
            write_key(pair.key, key)
            self._issue(builder, pair.certificate, ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH)
        return pair

    def certify(self, request: bytes, name: str) -> Path:
        """The certificate for a request (PEM) that a device of that name made, in a file. Raises: UsageError."""
        said = f"device {name}: its certificate request"
        try:
            asked = x509.load_pem_x509_csr(request)
            names = [str(each.value) for each in asked.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
            key = asked.public_key()
        except ValueError as error:
            raise UsageError(f"{said} is none ({error}); give the file that lapel watchlist trust wrote") from error
        if names != [name]:
            raise UsageError(f"{said} is for {', '.join(names) or 'nobody'}; a device is called what its key is for")
        if not (isinstance(key, ec.EllipticCurvePublicKey) and asked.is_signature_valid):
            raise UsageError(f"{said} was not signed by its own key; have the device make it again")
        path = self.issued(name)
        if path.exists():
            self._keep_former(path)
        self._issue(_builder(named(name), self.issuer, key, ISSUED_VALID), path, ExtendedKeyUsageOID.CLIENT_AUTH)
        return path

    def lend(self, name: str, place: Path) -> Pair:
        """A certificate for some minutes, and its key, beside each other; the authority keeps neither."""
        pair, key = Pair(place.with_suffix(".pem"), place.with_suffix(".key")), ec.generate_private_key(ec.SECP256R1())
        write_key(pair.key, key)
        builder = _builder(named(name), self.issuer, key.public_key(), _LENT)
        self._issue(builder, pair.certificate, ExtendedKeyUsageOID.CLIENT_AUTH)
        return pair

    def issued(self, name: str) -> Path:
        """Where the certificate of that name lies, if one was issued."""
        return self.folder / f"{checked_name('certificate', name)}.pem"

    def _keep_former(self, path: Path) -> None:
        former = self.folder / FORMER
        former.mkdir(exist_ok=True)
        write_readable(former / f"{read_certificate(path).serial_number:x}.pem", path.read_bytes())

    @property
    def issuer(self) -> x509.Name:
        """What it is called in what it issues."""
        return read_certificate(self.certificate).subject

    def signer(self) -> ec.EllipticCurvePrivateKey:
        """Its private key. Raises: WrongKey, Tampered, StoreError."""
        if self.keys is None:
            pem = (self.folder / _KEY).read_bytes()
        else:
            pem = bytes(read_sealed(self.folder / _SEALED_KEY, self.keys, _PURPOSE))
        key = serialization.load_pem_private_key(pem, password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    def _issue(self, builder: x509.CertificateBuilder, path: Path, *uses: x509.ObjectIdentifier) -> None:
        signer = self.signer()
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, hashes.SHA256())
        )
        write_readable(path, certificate.public_bytes(serialization.Encoding.PEM))

    def _found(self, name: str, valid: datetime.timedelta) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(named(name), named(name), key.public_key(), valid)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_MAY_SIGN, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        if self.keys is None:
            write_key(self.folder / _KEY, key)
        else:
            write_sealed(self.folder / _SEALED_KEY, [_pem(key)], self.keys, _PURPOSE)
        write_readable(self.certificate, certificate.public_bytes(serialization.Encoding.PEM))


_MAY_SIGN = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def read_certificate(path: Path) -> x509.Certificate:
    """The certificate in a file. Raises: UsageError."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: holds no certificate ({error}); restore it") from error


def write_readable(path: Path, data: bytes) -> None:
    """A file that others may read, brokers for example. Atomic. Raises: StoreError."""
    write_whole(path, [data])
    path.chmod(_READABLE)


def write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """A private key for its owner alone."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_pem(key))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def named(name: str) -> x509.Name:
    """What a certificate says of whom it is for."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _address(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, valid: datetime.timedelta
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + valid)
    )
