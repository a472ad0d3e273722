"""The only package that opens a network socket: it carries records to the station over MQTT."""
