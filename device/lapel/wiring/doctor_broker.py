"""Whether the broker that a site names takes this device, and for how long: its certificate has a last day."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography.x509 import load_pem_x509_certificate

from lapel.errors import ConfigError
from lapel.link.endpoint import Endpoint
from lapel.link.mqtt import Terms, open_line
from lapel.link.topics import ack_topic
from lapel.wiring.doctor_sandbox import unit_around

_RENEW_DAYS = 14
_REMEDY = "have the site issue a newer one: lapel-admin device add --replace"


def examine_broker(endpoint: Endpoint, site: str, device: str, now: datetime) -> str:
    """What is fine about it. Raises: ConfigError, BrokerUnreachable, BrokerRefused.

    The device's topic is read, for with TLS 1.3 a broker that does not take the certificate says so only then. The
    session is one of its own, so that a link which runs keeps its line.
    """
    ends = _end(endpoint)
    if ends < now:
        raise ConfigError(f"{endpoint.certificate_file}: ended on {ends:%Y-%m-%d}; {_REMEDY}")
    if (unit := unit_around()) is not None:
        return f"{endpoint}: not tried, for {unit} reaches no broker; run the doctor outside of it"
    open_line(endpoint, Terms(f"lapel-doctor-{site}-{device}", ack_topic(site, device), window=1)).close()
    days = (ends - now).days
    if days < _RENEW_DAYS:
        raise ConfigError(f"{endpoint.certificate_file}: ends on {ends:%Y-%m-%d}, in {days} days; {_REMEDY}")
    return f"{endpoint} takes this device; its certificate ends on {ends:%Y-%m-%d}, in {days} days"


def _end(endpoint: Endpoint) -> datetime:
    path = endpoint.certificate_file
    try:
        return load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.astimezone(UTC)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: no certificate can be read from it ({error}); restore it, or {_REMEDY}") from error
