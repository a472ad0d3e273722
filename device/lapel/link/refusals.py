"""What it means to the person who must act when no connection to a broker comes about."""

from __future__ import annotations

import ssl

from lapel.errors import BrokerRefused, BrokerUnreachable
from lapel.link.endpoint import Endpoint


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
