"""Walls around the lookout's memory: it is never dumped, no other process may read it, and it is kept out of swap."""

from __future__ import annotations

import ctypes
import resource

from lapel.errors import HardwareError

# prctl(2), mlockall(2)
_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_NEVER = (0, 0)

_libc = ctypes.CDLL(None, use_errno=True)


def forbid_dumps() -> None:
    """Switch core dumps off for this process, also those into a pipe, which ignore RLIMIT_CORE (core(5)), and with
    them debuggers of the same user. Raises: HardwareError where the system refuses."""
    try:
        if resource.getrlimit(resource.RLIMIT_CORE) != _NEVER:
            resource.setrlimit(resource.RLIMIT_CORE, _NEVER)
    except OSError as error:
        raise HardwareError(f"core dumps cannot be switched off ({error}); set LimitCORE=0 in the unit") from error
    if _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) or _libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0):
        raise HardwareError("core dumps cannot be switched off: prctl(PR_SET_DUMPABLE) is refused; allow it")


def keep_out_of_swap() -> bool:
    """Lock all memory of this process as it is used, where LimitMEMLOCK=infinity allows it; whether it was.

    With a finite limit only the buffers of raw pixels are locked (capture.buffers), and more would make every later
    allocation fail at the limit.
    """
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != resource.RLIM_INFINITY:
        return False
    return int(_libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT)) == 0
