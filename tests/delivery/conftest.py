"""A real broker, and an authority that pushes to it, for these tests."""

from delivery_rig import post, posts, quiet_post
from sync_rig import quiet_rig, rig

__all__ = ["post", "posts", "quiet_post", "quiet_rig", "rig"]
