"""A request that never ends: header after header, as long as the server listens."""

from __future__ import annotations

import ssl
from socket import socket

_LINES, _LINES_AT_A_TIME = 16 * 1024, 256


def takes_endless_head(line: socket) -> bool:
    """Whether a server listens to 16 MiB of headers, which is more than the system holds for one that does not."""
    try:
        line.sendall(b"GET / HTTP/1.1\r\n")
        for first in range(0, _LINES, _LINES_AT_A_TIME):
            line.sendall(b"".join(b"X-%d: %s\r\n" % (first + n, bytes([65]) * 1014) for n in range(_LINES_AT_A_TIME)))
    except (ConnectionError, ssl.SSLError):
        return False
    return True
