"""The commands of lapel-admin, one file each."""
