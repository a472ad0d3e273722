"""The wall between the camera and the network, inside the process: the lookout cannot open an Internet socket.

systemd's PrivateNetwork=yes is the same wall in the kernel; this one also stands on a desk, and says who ran
into it. It cannot see sockets that a C library opens by itself (OpenCV's RTSP): those the kernel's wall stops.
"""

from __future__ import annotations

import socket
import sys

from lapel.errors import NetworkForbidden

_LOCAL = frozenset({int(socket.AF_UNIX)})
_WITH_ADDRESS = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})
_LOOKUPS = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "socket.getservbyname"}
)
# A child process would start without this wall.
_CHILDREN = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"})

_is_standing = False


def forbid_network() -> None:
    """Refuse every socket but local ones (AF_UNIX), and every child process, until this process ends.

    Nothing can take the wall down again (sys.addaudithook), so tests put it up in a process of their own.
    """
    global _is_standing
    if not _is_standing:
        sys.addaudithook(_hook)
        _is_standing = True


def _hook(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.__new__":
        # A socket made over a bare file descriptor has family -1: whose it is cannot be told, so it is refused.
        if args[1] not in _LOCAL:
            raise NetworkForbidden(f"socket of family {_family(args[1])}: the lookout has no network; use lapel link")
    elif event in _WITH_ADDRESS:
        if isinstance(args[1], tuple):
            raise NetworkForbidden(f"{event} to {args[1][0]}: the lookout has no network; use lapel link")
    elif event in _LOOKUPS:
        raise NetworkForbidden(f"{event} of {args[0]!r}: the lookout has no network; use lapel link")
    elif event in _CHILDREN:
        raise NetworkForbidden(f"{event}: the lookout starts no other program, it would have a network")


def _family(number: object) -> str:
    known = {int(family): family.name for family in socket.AddressFamily}
    return known.get(number, str(number)) if isinstance(number, int) else str(number)
