"""A real broker for these tests."""

from sync_rig import quiet_rig, rig

__all__ = ["quiet_rig", "rig"]
