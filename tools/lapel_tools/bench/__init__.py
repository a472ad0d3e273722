"""Measurements that an administrator runs on a machine of their own."""
