"""The demonstration: the whole chain on a real street video, which checks itself."""
