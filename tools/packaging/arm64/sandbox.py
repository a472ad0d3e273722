"""Tries what the lookout must never do, from inside its unit. Exits 1 where anything is allowed."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def refused(attempt: Callable[[], object]) -> str:
    """How an attempt was refused; empty where it was not."""
    try:
        attempt()
    except (OSError, subprocess.CalledProcessError) as error:
        return str(error)
    return ""


ATTEMPTS: dict[str, Callable[[], object]] = {
    "internet socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "write under /opt": lambda: Path("/opt/lapel/mark").write_text("x"),
    "write under /etc": lambda: Path("/etc/lapel/mark").write_text("x"),
    "read the disk": lambda: os.open("/dev/vda", os.O_RDONLY),
    "read the memory": lambda: os.open("/dev/mem", os.O_RDONLY),
    "mount": lambda: subprocess.run(["/bin/mount", "-t", "tmpfs", "none", "/mnt"], check=True, capture_output=True),
}

if __name__ == "__main__":
    answers = {name: refused(attempt) for name, attempt in ATTEMPTS.items()}
    for name, answer in answers.items():
        print(f"{name} {'refused' if answer else 'ALLOWED'}")
    sys.exit(not all(answers.values()))
