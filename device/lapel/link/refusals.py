"""What it means to the person who must act when a broker cannot be reached, or does not take what it is sent."""

from __future__ import annotations

import ssl

from lapel.errors import BrokerRefused, BrokerUnreachable, HardwareError
from lapel.link.endpoint import Endpoint
from lapel.link.signals import FAILURE, NO_SUBSCRIBER, NOT_AUTHORISED

_QUOTA_EXCEEDED = 0x97
_WORDS = {0x83: "its own rules forbid it", 0x90: "it allows no such topic", 0x99: "it is not what it says it is"}


class StationSilent(HardwareError, TimeoutError):
    """The broker is there, but no station acknowledges what it is sent."""


def check_answer(reason: int, topic: str, device: str) -> None:
    """Raises where the broker's answer to a record (MQTT 5, §3.4.2.1) says that it is on no way to a station.

    Raises: StationSilent, BrokerUnreachable for what passes, BrokerRefused.
    """
    if reason == NO_SUBSCRIBER:
        raise StationSilent(f"no station listens on {topic}; records wait. Start `lapel-admin station`")
    if reason == NOT_AUTHORISED:
        raise BrokerRefused(
            f"the broker does not let this device write to {topic}; is {device} the common name of its certificate?"
        )
    if reason == _QUOTA_EXCEEDED:
        raise BrokerUnreachable("the broker takes no more of this device for now (its quota); records wait")
    if reason >= FAILURE:
        why = _WORDS.get(reason, "see the broker's log")
        raise BrokerRefused(f"the broker refuses a record with MQTT reason 0x{reason:02x}: {why}; records wait")


def not_connected(where: Endpoint, error: OSError) -> BrokerRefused | BrokerUnreachable:
    """What is to be raised for an error of connecting: a broker that is absent is waited for, a wrong one is not."""
    match error:
        case ssl.SSLCertVerificationError():
            return BrokerRefused(
                f"{where}: not the broker that {where.ca_file} vouches for ({error.verify_message}); "
                "check the address, or install the authority that issued the broker's certificate"
            )
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return BrokerUnreachable(f"{where}: the broker hung up; is it just starting?")
        case ssl.SSLError():
            return BrokerRefused(f"{where}: no TLS 1.3 with it ({error.reason}); is this the broker's TLS port?")
        case _:
            return BrokerUnreachable(
                f"{where}: no broker answers ({error.strerror or error}); records wait. Check address and network"
            )
