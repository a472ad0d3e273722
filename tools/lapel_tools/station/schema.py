"""The tables of the station's database, for SQLite and PostgreSQL alike.

A device's records up to ``devices.size`` are without a gap, and are what the station vouches for. Those above came
before their predecessors: they are kept, and count once these have come. ``journals`` has how many records a device
says that it has itself, and when it said so.
"""

POSITION = b'"latitude_deg":'
HAS_PICTURE = "length(picture) > 0"
HAS_POSITION = f"{{place}}(body, {{hex}}{POSITION.hex()}') > 0"
"""Conditions of the records that a retention removes something of. An index has these alone, so that what nothing is to
be removed of, or was already, is not read again day by day."""

SCHEMA = """
create table if not exists devices (
    device text primary key, size {integer} not null, peaks {bytes} not null, root {bytes} not null,
    heard_at text not null
) {strict};
create table if not exists records (
    device text not null, sequence {integer} not null, id text not null, kind text not null, at text not null,
    body {bytes} not null, leaf {bytes} not null, picture {bytes} not null, withheld text not null,
    received_at text not null, primary key (device, sequence)
) {strict};
create index if not exists records_by_kind on records (device, kind, sequence);
create index if not exists records_by_arrival on records (received_at, device, sequence);
create index if not exists hashes_alone on records (device, sequence) where withheld = 'body';
create index if not exists without_picture on records (device, sequence) where withheld = 'picture';
create index if not exists alerts_by_arrival on records (received_at, device, sequence) where kind = 'alert';
create table if not exists forks (
    device text not null, sequence {integer} not null, leaf {bytes} not null, body {bytes} not null,
    received_at text not null, primary key (device, sequence, leaf)
) {strict};
create table if not exists refusals (
    device text not null, reason text not null, count {integer} not null, last_detail text not null,
    last_at text not null, primary key (device, reason)
) {strict};
create table if not exists witnessed (
    device text primary key, key text not null, size {integer} not null, peaks {bytes} not null, note text not null,
    at text not null
) {strict};
create table if not exists journals (
    device text primary key, size {integer} not null, at text not null
) {strict};
create table if not exists alarms (
    device text not null, alarm text not null, detail text not null, count {integer} not null, first_at text not null,
    last_at text not null, primary key (device, alarm)
) {strict};
create table if not exists settlements (
    device text not null, alarm text not null, detail text not null, count {integer} not null, first_at text not null,
    last_at text not null, at text not null, who text not null, why text not null
) {strict};
create table if not exists purges (
    at text not null, what text not null, before_at text not null, records {integer} not null, who text not null,
    why text not null
) {strict};
"""
SCHEMA += f"""
create index if not exists pictures_by_arrival on records (received_at, device, sequence) where {HAS_PICTURE};
create index if not exists positions_by_arrival on records (received_at, device, sequence) where {HAS_POSITION};
"""

TABLES = {
    "devices": 5,
    "records": 10,
    "forks": 5,
    "refusals": 5,
    "witnessed": 6,
    "journals": 3,
    "alarms": 6,
    "settlements": 9,
    "purges": 6,
}
"""Every table, and how many columns it has."""
