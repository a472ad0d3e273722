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


def test_a_socket_at_which_somebody_answers_is_left_to_him(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(LocalServer(tmp_path / "ear", lambda message, uid: b"first", 100)), socket_() as channel:
        with pytest.raises(OSError, match="another process answers there: stop that first"):
            LocalServer(tmp_path / "ear", lambda message, uid: b"second", 100)
        assert said(channel, b"?") == b"first"


def test_the_socket_of_a_process_that_was_killed_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket_() as killed:
        killed.bind("ear")
        killed.listen()
    with closing(LocalServer(tmp_path / "ear", lambda message, uid: message, 100)), socket_() as channel:
        assert said(channel, b"heard") == b"heard"


def test_a_server_that_closes_leaves_the_socket_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = LocalServer(tmp_path / "ear", lambda message, uid: b"first", 100)
    (tmp_path / "ear").unlink()
    with closing(LocalServer(tmp_path / "ear", lambda message, uid: b"second", 100)), socket_() as channel:
        first.close()
        assert said(channel, b"?") == b"second"
    assert not (tmp_path / "ear").exists()


def test_what_is_no_socket_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "ear").write_bytes(b"a file of somebody's")
    with pytest.raises(OSError, match="in use"):
        LocalServer(tmp_path / "ear", lambda message, uid: message, 100)
    assert (tmp_path / "ear").read_bytes() == b"a file of somebody's"


def socket_() -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    channel.settimeout(20)
    return channel


def said(channel: socket.socket, message: bytes) -> bytes:
    channel.connect("ear")
    channel.send(message)
    return channel.recv(100)
