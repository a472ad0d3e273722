"""The administrators' console: a small web page that reads the station's records, and changes nothing."""
