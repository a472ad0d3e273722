"""A real browser without a window, driven over its debugging pipe: no library stands between a test and Chromium."""

import base64
import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium: apt-get install chromium")
PATIENCE_MS = 20_000
_PHONE = {"width": 412, "height": 915, "deviceScaleFactor": 1.0, "mobile": True}


def axe() -> str:
    """The program of axe-core; a test without it is skipped. Looked for only here: the second runtime has none."""
    spec = importlib.util.find_spec("axe_core_python")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("axe-core-python: tools/locks/dev.txt has it")
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


class Browser:
    """Chromium on the other end of two pipes; messages are JSON, a zero byte ends each (CDP)."""

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM is not None
        asks, told = os.pipe(), os.pipe()
        flags = [CHROMIUM, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--disable-gpu"]
        flags += ["--ignore-certificate-errors", "--no-first-run", "--disable-extensions", "--hide-scrollbars"]
        flags += ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]

        def as_three_and_four() -> None:
            high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (asks[0], told[1])]
            for end, number in zip(high, (3, 4), strict=True):
                os.dup2(end, number)

        self._process = subprocess.Popen(
            flags, preexec_fn=as_three_and_four, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(asks[0])
        os.close(told[1])
        self._asks, self._told = os.fdopen(asks[1], "wb", 0), os.fdopen(told[0], "rb")
        self._numbers = count(1)

    def call(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        """What a method of the protocol gives back."""
        number = next(self._numbers)
        message: dict[str, object] = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._asks.write(json.dumps(message).encode() + b"\0")
        while True:
            reply = json.loads(self._read())
            if reply.get("id") == number:
                assert "error" not in reply, f"{method}: {reply['error']}"
                result: dict[str, Any] = reply["result"]
                return result

    def phone(self) -> "Tab":
        """A phone with cookies of its own."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session)
        tab.call("Page.enable")
        tab.call("Emulation.setDeviceMetricsOverride", **_PHONE)
        return tab

    def close(self) -> None:
        self._asks.close()
        self._process.terminate()
        self._process.wait(20)
        self._told.close()

    def _read(self) -> bytes:
        parts = bytearray()
        while (byte := self._told.read(1)) != b"\0":
            assert byte, "the browser has gone"
            parts += byte
        return bytes(parts)


class Tab:
    """One page on one phone."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self.taps = 0

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        return self._browser.call(method, self._session, **parameters)

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.protocol === 'https:'")

    def value(self, script: str) -> Any:
        """What a script on the page says; a promise is awaited."""
        done = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until a condition holds on the page."""
        waiting = (
            f"new Promise((done) => {{ const end = Date.now() + {PATIENCE_MS}; const look = () => {{ let is = false;"
            f" try {{ is = Boolean({condition}); }} catch (error) {{ is = false; }}"
            " if (is || Date.now() > end) done(is); else setTimeout(look, 20); }; look(); })"
        )
        while True:
            try:
                assert self.value(waiting), f"{condition}: never so; the page says: {self.text()}"
            except AssertionError as error:
                if "context was destroyed" not in str(error) and "navigated" not in str(error):
                    raise
                continue
            return

    def text(self) -> str:
        return str(self.value("document.body.innerText"))

    def tap(self, selector: str) -> None:
        """A finger on the middle of what a selector finds, where it is seen."""
        self.taps += 1
        place = self.value(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView({{block: 'center'}});"
            " const b = e.getBoundingClientRect(); const x = b.x + b.width / 2, y = b.y + b.height / 2;"
            " return [x, y, e.contains(document.elementFromPoint(x, y))]; })()"
        )
        assert place[2], f"{selector}: is covered by something else"
        for kind, clicks in (("mousePressed", 1), ("mouseReleased", 1)):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=clicks)

    def type(self, selector: str, text: str) -> None:
        self.value(f"document.querySelector({selector!r}).focus()")
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            extra = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **extra)

    def by_night(self, is_night: bool = True) -> None:
        scheme = "dark" if is_night else "light"
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def out_of_reach(self, is_away: bool = True) -> None:
        """The phone has no network any more, or has it again."""
        self.call("Network.enable")
        self.call(
            "Network.emulateNetworkConditions", offline=is_away, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    def picture(self, path: Path, is_whole: bool = False) -> None:
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=is_whole)["data"]
        path.write_bytes(base64.b64decode(data))


@contextmanager
def opened(profile: Path) -> Iterator[Browser]:
    browser = Browser(profile)
    try:
        yield browser
    finally:
        browser.close()
