"""A network camera: GStreamer's RTSP server with a made-up picture. Run by the system's Python, which has GStreamer.

python3 rtsp_server.py PORT PIPELINE     serves PIPELINE at rtsp://127.0.0.1:PORT/live, and prints the port
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(sys.argv[2])
if login := sys.argv[3:]:
    name, _, password = login[0].partition(":")
    role = GstRtspServer.RTSPToken()
    role.set_string("media.factory.role", "officer")
    auth = GstRtspServer.RTSPAuth()
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(name, password), role)
    server.set_auth(auth)
    allowed = Gst.Structure.new_empty("officer")
    for act in ("access", "construct"):
        allowed.set_value(f"media.factory.{act}", True)
    factory.add_role_from_structure(allowed)
server.get_mount_points().add_factory("/live", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
