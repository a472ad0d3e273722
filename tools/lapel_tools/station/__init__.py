"""Receives the journals of a site's devices, and says what it holds only after it has committed it."""
