"""A device obeys an order to wipe that one of its administrators signed for its own key, and no other."""

from __future__ import annotations

import json

import pytest
from tuf.api.metadata import TargetFile

from fakes.authority import Authority, signed
from lapel.core.withdrawals import EVERYTHING
from lapel.errors import UpdateRefused
from lapel.store.trust import FILE, suspended_of
from lapel.store.trusted import WITHDRAWALS
from lapel.wiring.withheld import Withheld
from published_rig import Camera, Lists, another_key, crates


def refused(camera: Camera) -> str:
    """Why the device takes nothing of what is published now; and it is not to be wiped."""
    with pytest.raises(UpdateRefused) as caught:
        camera.take()
    assert camera.trust().wipe is None
    assert camera.listed() == {"crate-0", "crate-1", "crate-2"}
    return caught.value.why


def test_one_administrator_is_enough_and_nothing_is_told_of_from_then_on(camera: Camera, lists: Lists) -> None:
    stopped: list[bool] = []
    watch = Withheld(camera.device.state, camera.keys, print, lambda: stopped.append(True))
    lists.authority.order_wipe(camera.trust().sealing, by="bob")
    camera.take()
    order = camera.trust().wipe
    assert order is not None
    assert (order.by, order.reason) == ("bob", "lost")
    watch.look()
    watch.look()
    assert (watch.of("springfield", 1), stopped) == (EVERYTHING, [True])


def test_an_order_that_was_heard_stays_whatever_another_administrator_publishes(camera: Camera, lists: Lists) -> None:
    lists.authority.order_wipe(camera.trust().sealing)
    camera.take()
    lists.authority.wipes = ()
    lists.publish(crates(4), 2, settled=9)
    camera.take()
    assert camera.trust().wipe is not None
    assert suspended_of(camera.trust(), "springfield", 2) == EVERYTHING


def test_an_order_of_a_foreign_key_is_refused(camera: Camera, lists: Lists) -> None:
    lists.authority.order_wipe(camera.trust().sealing, by="mallory")
    assert refused(camera) == "signatures"


def test_an_administrator_who_was_removed_orders_nothing(camera: Camera, lists: Lists) -> None:
    lists.authority.rotate(("alice", "bob", "dora"))
    lists.authority.publish(withdrawn_by=("dora",))
    camera.take()
    lists.authority.order_wipe(camera.trust().sealing, by="carol")
    assert refused(camera) == "signatures"


def test_an_order_for_another_device_is_not_obeyed(camera: Camera, lists: Lists) -> None:
    lists.authority.order_wipe(another_key())
    camera.take()
    assert camera.trust().wipe is None


def test_an_order_is_not_obeyed_by_the_same_device_once_it_was_set_up_again(camera: Camera, lists: Lists) -> None:
    lists.authority.order_wipe(camera.trust().sealing)
    (camera.device.state / FILE).unlink()
    again = Camera(camera.device.state, lists)
    lists.publish(crates(4), 2)
    again.take()
    assert again.trust().wipe is None
    assert len(again.listed()) == 4


def test_an_order_from_before_put_back_in_the_place_of_newer_metadata_is_refused(camera: Camera, lists: Lists) -> None:
    authority = lists.authority
    twin = Authority(now=authority.now, targets=dict(authority.targets), online=authority.online)
    twin.order_wipe(camera.trust().sealing)
    old = dict(twin.files)
    for _ in range(4):
        authority.publish()
    camera.take()
    authority.files |= {name: old[name] for name in old if name != "1.root.json"}
    assert refused(camera) == "rollback"


def test_an_order_that_was_cut_short_or_changed_is_refused(camera: Camera, lists: Lists) -> None:
    lists.authority.order_wipe(another_key())
    name = f"{lists.authority.versions[WITHDRAWALS]}.{WITHDRAWALS}.json"
    data = lists.authority.files[name]
    forged = json.loads(data)
    (target,) = forged["signed"]["targets"].values()
    target["custom"]["sealing"] = camera.trust().sealing
    for attack in (data[:-20], json.dumps(forged).encode(), b""):
        lists.authority.files[name] = attack
        assert refused(camera) == "mixed"


@pytest.mark.parametrize("terms", [{"reason": "two\nlines"}, {"reason": ""}, {"sealing": 7}, {"more": "fields"}])
def test_an_order_that_is_none_is_refused_and_wipes_nothing(
    camera: Camera, lists: Lists, terms: dict[str, object]
) -> None:
    sealing = camera.trust().sealing
    lists.authority.order_wipe(sealing)
    document = lists.authority.newest(WITHDRAWALS)
    ((path, target),) = document.signed.targets.items()
    stated = {**target.unrecognized_fields["custom"], **terms}
    document.signed.targets[path] = TargetFile(target.length, target.hashes, path, {"custom": stated})
    document.signatures.clear()
    name = f"{lists.authority.versions[WITHDRAWALS]}.{WITHDRAWALS}.json"
    lists.authority.files[name] = signed(document, ("carol",))
    lists.authority.snapshot()
    assert refused(camera) == "malformed"
