"""Orders a device to be wiped: one administrator alone, at once, and for that one device."""

from __future__ import annotations

from datetime import datetime

from lapel.core.wipes import WipeOrder, order_for
from lapel.core.withdrawals import LONGEST_REASON
from lapel.errors import UsageError
from lapel.store.withdrawal_terms import wipe_target, wipes_in
from lapel_tools.authority.administrators import Administrator
from lapel_tools.authority.devices import Device, read_devices
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.vouched import vouched
from lapel_tools.authority.withdraw import check_may, publish_alone


def device_named(authority: AuthorityFolder, name: str) -> Device:
    """The listed device of that name. Raises: UsageError: an order is made out to its key."""
    devices = read_devices(authority.path)
    found = next((each for each in devices if each.name == name), None)
    if found is None:
        names = ", ".join(each.name for each in devices) or "none"
        raise UsageError(
            f"device {name}: is not listed (listed: {names}); where it was revoked already, list it once more from its "
            "file (lapel-admin device add), and revoke it when it is wiped"
        )
    return found


def order_wipe(
    authority: AuthorityFolder, administrator: Administrator, device: Device, reason: str, now: datetime
) -> WipeOrder:
    """Sign and publish it. Raises: Refused for a foreign key, UsageError, StoreError."""
    current = vouched(authority)
    check_may(current, administrator)
    before = order_for(wipes_in(current.withdrawals.signed), device.sealing)
    if before is not None:
        raise UsageError(f"device {device.name}: was ordered to be wiped on {before.at}, by {before.by}; push it")
    try:
        order = WipeOrder(
            device.name, device.sealing, reason, administrator.public.name, now.isoformat(timespec="seconds")
        )
    except ValueError as error:
        raise UsageError(f"{error}; give --reason in one line of at most {LONGEST_REASON} characters") from error
    publish_alone(authority, administrator, current, (wipe_target(order),), now)
    return order
