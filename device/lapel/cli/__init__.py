"""The commands of the device, one file each, imported only when called."""
