"""A real RTSP server on loopback, as a network camera that a test can silence, end and start again."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PYTHON = "/usr/bin/python3"
_SERVER = Path(__file__).with_name("rtsp_server.py")
_RED = "videotestsrc is-live=true pattern=solid-color foreground-color=0xffc82828 ! video/x-raw,format=I420"
_SIZE = "width=64,height=48"
MJPEG = f"( {_RED},{_SIZE},framerate=30/1 ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
H264 = (
    f"( {_RED},{_SIZE},framerate=30/1 ! openh264enc gop-size=5 ! h264parse ! "
    "rtph264pay name=pay0 pt=96 config-interval=1 )"
)
OF_NO_RATE = f"( {_RED},{_SIZE},framerate=0/1 ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
ENDING = MJPEG.replace("is-live=true", "is-live=true num-buffers=45")
SOUND = "( audiotestsrc is-live=true ! mulawenc ! rtppcmupay name=pay0 pt=0 )"
NEEDED = {"jpegenc": "gstreamer1.0-plugins-good", "openh264enc": "gstreamer1.0-plugins-bad"}


class NetworkCamera:
    """A server and its address."""

    def __init__(self, pipeline: str, *login: str) -> None:
        self._asked = (pipeline, *login)
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        """Where its pictures are."""
        return f"rtsp://127.0.0.1:{self.port}/live"

    def start(self) -> None:
        """Serve, at the same port as before."""
        command = [_PYTHON, str(_SERVER), str(self.port), *self._asked]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def freeze(self) -> None:
        """Say nothing any more, and stay connected."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def end(self) -> None:
        """As if its cable had been pulled."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@contextmanager
def network_camera(pipeline: str, *login: str) -> Iterator[NetworkCamera]:
    """A camera that serves this pipeline of GStreamer's, to whoever has its login. Skips where the machine has none."""
    _skip_without(*(element for element in NEEDED if element in pipeline))
    camera = NetworkCamera(pipeline, *login)
    try:
        yield camera
    finally:
        camera.end()


def _skip_without(*elements: str) -> None:
    code = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; "
        f"Gst.init(None); assert all(map(Gst.ElementFactory.find, {elements}))"
    )
    if not Path(_PYTHON).exists() or subprocess.run([_PYTHON, "-c", code], capture_output=True, check=False).returncode:
        packages = " ".join(sorted({NEEDED[element] for element in elements}))
        pytest.skip(f"an RTSP server: apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 {packages}".strip())
