"""Doubles for every port. They ship, so that a device can be tried without a camera, models or a broker."""
