"""Raw pixels have one short life: in few buffers that are overwritten, never dumped, never inherited, never swapped."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from footage import write_video
from lapel.capture.buffers import Buffers, guarded
from lapel.capture.eye import CapturedEye
from lapel.capture.opencv import Capture, Intake
from lapel.capture.raw import RawFrame
from lapel.capture.video import VideoFile
from lapel.core.things import Pixels
from lapel.fakes.clock import FakeClock
from lapel.fakes.finder import FixedFinder
from lapel.health.meters import Meters


class WatchedFile(VideoFile):
    """A video file that remembers in which memory it delivered its frames."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.delivered: list[Pixels] = []

    def read(self) -> RawFrame | None:
        raw = super().read()
        if raw is not None:
            self.delivered.append(raw.pixels)
        return raw


def address(pixels: Pixels) -> int:
    return int(pixels.ctypes.data)


def flags_of(pixels: Pixels) -> set[str]:
    """What the kernel says of the memory that holds pixels (proc_pid_smaps(5), VmFlags)."""
    is_it = False
    for line in Path("/proc/self/smaps").read_text(encoding="ascii").splitlines():
        first = line.split()[0]
        if "-" in first and not first.endswith(":"):
            start, end = (int(part, 16) for part in first.split("-"))
            is_it = start <= address(pixels) < end
        elif is_it and first == "VmFlags:":
            return set(line.split()[1:])
    raise AssertionError("no such memory")


def alone(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own: its walls cannot be taken down again."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_watch_uses_as_many_buffers_as_frames_wait_and_leaves_all_of_them_black(tmp_path: Path) -> None:
    source, meters = WatchedFile(write_video(tmp_path / "clip.mp4", 40)), Meters()
    source.open()
    frames = list(CapturedEye(source, [FixedFinder()], FakeClock(), health=meters, delay_frames=5).frames())
    assert len(frames) == len(source.delivered) == meters.reading().raw_ages.count == 40
    assert len({address(pixels) for pixels in source.delivered}) <= 7
    assert not any(pixels.any() for pixels in source.delivered)
    assert all(frame.pixels.any() for frame in frames)


def test_a_watch_that_is_stopped_leaves_its_buffers_black(tmp_path: Path) -> None:
    source = WatchedFile(write_video(tmp_path / "clip.mp4", 40))
    source.open()
    eye = CapturedEye(source, [FixedFinder()], FakeClock(), delay_frames=5)
    next(eye.frames())
    eye.close()
    assert len(source.delivered) == 6
    assert not any(pixels.any() for pixels in source.delivered)


def test_opencv_decodes_into_the_memory_that_it_is_handed(tmp_path: Path) -> None:
    capture, buffer = Capture(str(write_video(tmp_path / "clip.mp4", 3))), guarded(48, 64, 3)
    arrived, picture = capture.read(buffer)
    assert arrived
    assert picture is buffer
    assert buffer.any()


def test_what_was_decoded_is_overwritten_once_it_is_rgb(tmp_path: Path) -> None:
    decoded: list[Pixels] = []

    class Watched:
        """OpenCV's capture, watched."""

        def __init__(self, path: Path) -> None:
            self._real = Capture(str(path))
            self.get = self._real.get

        def read(self, into: Pixels) -> tuple[bool, Pixels]:
            arrived, picture = self._real.read(into)
            decoded.append(picture)
            return arrived, picture

    intake, capture = Intake(), Watched(write_video(tmp_path / "clip.mp4", 3))
    pixels = [intake.next_picture(capture) for _ in range(3)]  # type: ignore[arg-type]
    assert len({address(picture) for picture in decoded}) == 1
    assert not decoded[0].any()
    assert [float(each.mean()) for each in pixels if each is not None] == pytest.approx([20, 28, 36], abs=5)


def test_pictures_of_another_size_than_the_stream_stated_are_delivered_and_overwritten(tmp_path: Path) -> None:
    class Liar:
        """A capture that states a size which its pictures do not have."""

        def __init__(self) -> None:
            self.made = [np.full((30, 40, 3), grey, np.uint8) for grey in (50, 60)]

        def get(self, prop: int) -> float:
            return 16.0

        def read(self, into: Pixels) -> tuple[bool, Pixels]:
            picture = self.made.pop(0)
            if into.shape == picture.shape:
                into[:] = picture
                return True, into
            self.last = picture
            return True, picture

    liar, intake = Liar(), Intake()
    first = intake.next_picture(liar)  # type: ignore[arg-type]
    assert first is not None
    assert first.shape == (30, 40, 3)
    assert first.max() == 50
    assert not liar.last.any()
    second = intake.next_picture(liar)  # type: ignore[arg-type]
    assert second is not None
    assert second.max() == 60


def test_a_buffer_is_in_no_dump_and_in_no_child() -> None:
    buffer = guarded(480, 640, 3)
    assert address(buffer) % os.sysconf("SC_PAGE_SIZE") == 0
    assert {"dd", "dc"} <= flags_of(buffer)
    assert not {"dd", "dc"} & flags_of(np.ones((480, 640, 3), np.uint8))


def test_a_small_buffer_is_locked() -> None:
    assert "lo" in flags_of(guarded(8, 8))


def test_a_child_cannot_read_a_buffer_of_its_parent() -> None:
    done = alone(
        """
        import os
        from lapel.capture.buffers import guarded
        buffer = guarded(64, 64, 3)
        buffer.fill(7)
        child = os.fork()
        if not child:
            os._exit(int(buffer[0, 0, 0]))
        print(os.WTERMSIG(os.waitpid(child, 0)[1]), int(buffer[0, 0, 0]))
        """
    )
    assert done.stdout == f"{int(signal.SIGSEGV)} 7\n", done.stderr


def test_a_buffer_given_back_is_used_again_and_never_twice_at_once() -> None:
    buffers = Buffers()
    first, second = buffers.take(48, 64), buffers.take(48, 64)
    assert address(first) != address(second)
    buffers.give_back(first)
    assert address(buffers.take(48, 64)) == address(first)


def test_a_frame_that_was_wiped_twice_leaves_the_next_one_in_its_memory_alone() -> None:
    buffers = Buffers()
    old = RawFrame(buffers.take(48, 64), 0, 0.0, buffers.give_back)
    old.wipe()
    new = RawFrame(buffers.take(48, 64), 1, 0.0, buffers.give_back)
    new.pixels.fill(9)
    old.wipe()
    assert new.pixels.min() == 9
    assert old.pixels.size == 0


def test_a_watch_that_crashes_leaves_no_core_dump(tmp_path: Path) -> None:
    code = """
        import os, resource
        resource.setrlimit(resource.RLIMIT_CORE, [resource.getrlimit(resource.RLIMIT_CORE)[1]] * 2)
        os.chdir({folder!r})
        {wall}
        os.abort()
        """
    wall = "from lapel.wiring.memory_walls import forbid_dumps; forbid_dumps()"
    alone(code.format(folder=str(tmp_path), wall=wall))
    assert list(tmp_path.iterdir()) == []
    alone(code.format(folder=str(tmp_path), wall=""))
    if not list(tmp_path.iterdir()):
        pytest.skip("core dumps into the working folder: kernel.core_pattern or the hard limit says otherwise")


def test_a_watch_forbids_dumps_and_debuggers() -> None:
    done = alone(
        """
        import ctypes, resource
        from lapel.wiring.memory_walls import forbid_dumps
        forbid_dumps()
        print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
        """
    )
    assert done.stdout == "(0, 0) 0\n", done.stderr


def test_memory_is_kept_out_of_swap_where_the_limit_is_infinite_and_only_there() -> None:
    done = alone(
        """
        import resource
        from lapel.wiring.memory_walls import keep_out_of_swap
        infinity = resource.RLIM_INFINITY
        hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, hard))
        print(keep_out_of_swap())
        try:
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (infinity, infinity))
        except ValueError:
            print("not allowed")
        else:
            locked = keep_out_of_swap()
            kib = int(open("/proc/self/status").read().split("VmLck:")[1].split()[0])
            print(locked, kib > 1000)
        """
    )
    assert done.stdout in ("False\nTrue True\n", "False\nnot allowed\n"), done.stderr
