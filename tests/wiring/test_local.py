"""A local socket is heard for as long as its process runs."""

from __future__ import annotations

import resource
import socket
import time
from contextlib import closing
from pathlib import Path

import pytest

from lapel.wiring.local import LocalServer


def test_a_process_without_a_free_descriptor_hears_whoever_asks_once_it_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    def answer(message: bytes, uid: int) -> bytes:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]) if message == b"first" else before)
        return message

    with closing(LocalServer(tmp_path / "ear", answer, 100)), socket_() as one, socket_() as other:
        try:
            assert said(one, b"first") == b"first"
            time.sleep(0.2)  # it tries to hear the next one meanwhile, and cannot
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert said(other, b"second") == b"second"


def socket_() -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    channel.settimeout(20)
    return channel


def said(channel: socket.socket, message: bytes) -> bytes:
    channel.connect("ear")
    channel.send(message)
    return channel.recv(100)
