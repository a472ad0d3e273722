"""kill -9 of the link while a list comes: the device has the old list or the new one, complete, and goes on."""

from __future__ import annotations

import random
import signal
import time

import pytest

from delivery_rig import Post, crates
from sync_rig import finish, wait_until

pytestmark = pytest.mark.mosquitto

A_FEW = 3
MANY = 25
LATEST_CUT_S = 1.5


def test_a_few_cuts_of_the_link_leave_the_old_list_or_the_new_one(post: Post) -> None:
    cut_the_link(post, A_FEW)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_many_cuts_of_the_link_leave_the_old_list_or_the_new_one(post: Post) -> None:
    cut_the_link(post, MANY)


def cut_the_link(post: Post, rounds: int) -> None:
    """Kill ``lapel link`` at random moments while versions of a list come; afterwards let the newest one in."""
    post.push()
    post.take()
    held = {4}
    for number in range(rounds):
        count = 300 + number
        post.desk.published(crates(count))
        post.push()
        held.add(count)
        link = post.rig.link_command()
        assert link.stderr is not None
        link.stderr.readline()
        time.sleep(random.uniform(0, LATEST_CUT_S))
        link.send_signal(signal.SIGKILL)
        finish(link)
        assert len(post.listed()) in held
    link = post.rig.link_command()
    try:
        wait_until(lambda: len(post.listed()) == 300 + rounds - 1)
    finally:
        link.terminate()
        finish(link)
    assert not [path.name for path in post.rig.state.iterdir() if path.name.endswith((".new", ".part"))]
