"""Measures the production path on a kit of pictures and clips, and writes what others score."""
