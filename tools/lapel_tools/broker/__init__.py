"""A broker for trying and for tests: certificates that vouch for nothing, and mosquitto on this machine."""
