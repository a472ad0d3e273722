"""Lapel: a body- and dash-camera appliance that looks out for things, never for people."""

__version__ = "0.1.0"
