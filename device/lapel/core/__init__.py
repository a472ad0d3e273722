"""The pure inside of Lapel: no file, clock, network or hardware."""
