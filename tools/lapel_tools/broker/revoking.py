"""Which certificates an authority vouches for no more: a certificate revocation list (RFC 5280, section 5).

The list is its own register: the next one holds what the last one held, and more.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from lapel.errors import UsageError
from lapel_tools.broker.certificates import CLOCK_SLACK, FORMER, Authority, named, read_certificate, write_readable


def revoked(authority: Authority) -> frozenset[int]:
    """The serial numbers that are revoked. Raises: UsageError for a list that is none."""
    held = _held(authority)
    return frozenset() if held is None else frozenset(each.serial_number for each in held)


def serials_of(authority: Authority, name: str) -> frozenset[int]:
    """Of every certificate that was issued for a name: one that was renewed counts until it ends or is revoked."""
    paths = (authority.issued(name), *(authority.folder / FORMER).glob("*.pem"))
    held = [read_certificate(path) for path in paths if path.exists()]
    return frozenset(each.serial_number for each in held if each.subject == named(name))


def is_revoked(authority: Authority, name: str) -> bool:
    """Whether the certificate that was last issued for a name is revoked; False where none was. Raises: UsageError."""
    path = authority.issued(name)
    return path.exists() and read_certificate(path).serial_number in revoked(authority)


def revoke(authority: Authority, serials: Iterable[int] = ()) -> None:
    """Vouch for these no more; none at all makes the list that a broker needs from its first day.

    Raises: UsageError, WrongKey, StoreError.
    """
    held, now = _held(authority), datetime.datetime.now(datetime.UTC)
    # Strictly later than the last one, since a broker that has both believes the newer; and never ahead of its clock,
    # which would have it refuse everybody.
    made = now - CLOCK_SLACK
    if held is not None and held.last_update_utc >= made.replace(microsecond=0):
        made = held.last_update_utc + datetime.timedelta(seconds=1)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.issuer)
        .last_update(made)
        # A broker refuses everybody once its list has expired: it lasts as long as the authority.
        .next_update(read_certificate(authority.certificate).not_valid_after_utc)
    )
    for serial in sorted(revoked(authority) | frozenset(serials)):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
        builder = builder.add_revoked_certificate(entry.build())
    made_list = builder.sign(authority.signer(), hashes.SHA256())
    write_readable(authority.crl, made_list.public_bytes(serialization.Encoding.PEM))


def _held(authority: Authority) -> x509.CertificateRevocationList | None:
    if not authority.crl.exists():
        return None
    try:
        held = x509.load_pem_x509_crl(authority.crl.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{authority.crl}: is no list of revoked certificates ({error}); restore it") from error
    key = read_certificate(authority.certificate).public_key()
    if not held.is_signature_valid(key):  # type: ignore[arg-type]
        raise UsageError(f"{authority.crl}: was not signed by {authority.certificate}; restore it")
    return held
