"""At run time the lookout cannot open an Internet socket, whichever way it is tried."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

WALLED = "import socket, threading, os, _socket\nfrom lapel.wiring.walls import forbid_network\nforbid_network()\n"


def walled(code: str) -> subprocess.CompletedProcess[str]:
    """Run code behind the wall, in a process of its own: the wall cannot be taken down again."""
    return subprocess.run(
        [sys.executable, "-c", WALLED + textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET)",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "_socket.socket(_socket.AF_INET)",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.create_server(('127.0.0.1', 0))",
        "socket.getaddrinfo('example.org', 443)",
        "socket.gethostbyname('example.org')",
        "import asyncio; asyncio.run(asyncio.open_connection('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import logging.handlers as h; h.SysLogHandler(address=('127.0.0.1', 9))",
        "os.system('true')",
        "import subprocess; subprocess.run(['true'])",
    ],
)
def test_no_way_to_the_network_is_open_behind_the_wall(code: str) -> None:
    done = walled(code)
    assert done.returncode != 0
    assert "NetworkForbidden" in done.stderr


def test_a_thread_started_behind_the_wall_cannot_open_an_internet_socket() -> None:
    done = walled(
        """
        caught = []
        def reach():
            try:
                socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            except PermissionError as error:
                caught.append(error)
        thread = threading.Thread(target=reach)
        thread.start()
        thread.join()
        print(len(caught), caught[0])
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 socket of family AF_INET: the lookout has no network")


def test_a_thread_that_ran_before_the_wall_stood_cannot_open_an_internet_socket_afterwards() -> None:
    code = """
        import socket, threading
        from lapel.wiring.walls import forbid_network
        go, caught = threading.Event(), []
        def reach():
            go.wait(30)
            try:
                socket.socket()
            except PermissionError as error:
                caught.append(error)
        thread = threading.Thread(target=reach)
        thread.start()
        forbid_network()
        go.set()
        thread.join()
        print(len(caught))
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "1\n", done.stderr


def test_an_internet_socket_inherited_as_a_file_descriptor_cannot_be_used() -> None:
    code = """
        import socket
        from lapel.wiring.walls import forbid_network
        before = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        forbid_network()
        for attempt in (
            lambda: socket.socket(fileno=before.fileno()),
            lambda: before.connect(("127.0.0.1", 9)),
            lambda: before.sendto(b"x", ("127.0.0.1", 9)),
            lambda: before.sendmsg([b"x"], (), 0, ("127.0.0.1", 9)),
            lambda: before.bind(("127.0.0.1", 0)),
        ):
            try:
                attempt()
            except PermissionError:
                print("refused")
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "refused\n" * 5, done.stderr


def test_the_kernel_makes_no_pairs_of_internet_sockets_which_the_wall_could_not_see() -> None:
    done = walled("socket.socketpair(socket.AF_INET)")
    assert "Operation not supported" in done.stderr


def test_local_sockets_still_work_behind_the_wall(tmp_path: Path) -> None:
    done = walled(
        f"""
        a, b = socket.socketpair()
        a.sendall(b"beat")
        assert b.recv(4) == b"beat"
        server = socket.socket(socket.AF_UNIX)
        server.bind({str(tmp_path / "local.sock")!r})
        server.listen()
        client = socket.socket(socket.AF_UNIX)
        client.connect({str(tmp_path / "local.sock")!r})
        server.accept()[0].sendall(b"hello")
        print(client.recv(5).decode())
        """
    )
    assert done.stdout == "hello\n", done.stderr


def test_without_the_wall_the_same_socket_opens() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import socket; socket.socket(socket.AF_INET).close()"], check=False, timeout=60
    )
    assert done.returncode == 0
