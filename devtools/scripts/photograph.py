"""Pictures of pages in a browser without a window: `python -m devtools.scripts.photograph`, with JSON on its input.

The input is ``{"url", "db", "login", "pictures": [{"path", "wait", "file", "click", "size"}]}``: `wait` is the CSS
selector of what must be there, `click` those of what is clicked one after the other before, `size` the window's.
"""

import base64
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests
import websocket

from devtools.chromium import NAMES

PATIENCE = 180  # seconds until a page must be there
LOADING = ".o_blockUI, .o_loading_indicator, [role=status] .placeholder"


class Browser:
    """One page of Chromium, spoken to by its DevTools protocol."""

    def __enter__(self) -> "Browser":
        self.profile = tempfile.mkdtemp()
        flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--remote-debugging-port=0", "--remote-allow-origins=*", "--force-prefers-reduced-motion",
        ]  # fmt: skip
        name = next(filter(None, map(shutil.which, NAMES)))
        command = [name, *flags, f"--user-data-dir={self.profile}", "about:blank"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = self._until(self._port, "the browser")
        page = self._until(lambda: self._page(port), "its page")
        self.socket = websocket.create_connection(page, timeout=PATIENCE)
        self.number = 0
        return self

    def __exit__(self, *_error) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _port(self):
        file = Path(self.profile, "DevToolsActivePort")
        return file.read_text().split()[:1] if file.is_file() else None

    @staticmethod
    def _page(port):
        pages = requests.get(f"http://127.0.0.1:{port[0]}/json", timeout=10).json()
        return next((page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page"), None)

    @staticmethod
    def _until(look, what):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(0.2)
        raise SystemExit(f"Waited {PATIENCE} s for {what}.")

    def ask(self, method: str, **parameters) -> dict:
        """What the browser answers."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                return answer["result"]

    def there(self, selector: str) -> bool:
        """Whether the page has it, and nothing is loading."""
        look = f"!!document.querySelector({json.dumps(selector)}) && !document.querySelector({json.dumps(LOADING)})"
        return self.ask("Runtime.evaluate", expression=look)["result"].get("value") is True

    def picture(self, url: str, wanted: dict) -> None:
        """Open a page, click, wait, and write the file."""
        width, height = wanted.get("size", (1400, 900))
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Page.navigate", url=url + wanted["path"])
        for selector in wanted.get("click", []):
            self._until(lambda selector=selector: self.there(selector), selector)
            self.ask("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)}).click()")
        self._until(lambda: self.there(wanted["wait"]), wanted["wait"])
        self.ask("Runtime.evaluate", expression="document.fonts.ready.then(() => true)", awaitPromise=True)
        time.sleep(1)  # charts draw themselves
        Path(wanted["file"]).write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))


def main() -> None:
    """Log in and take all pictures."""
    order = json.load(sys.stdin)
    session = requests.Session()
    login = {"db": order["db"], "login": order["login"], "password": order["login"]}
    call = {"jsonrpc": "2.0", "params": login}
    answer = session.post(f"{order['url']}/web/session/authenticate", json=call, timeout=120).json()
    if not answer.get("result", {}).get("uid"):
        raise SystemExit(f"Cannot log in as {order['login']}.")
    with Browser() as browser:
        browser.ask("Network.setCookie", name="session_id", value=session.cookies["session_id"], url=order["url"])
        for wanted in order["pictures"]:
            browser.picture(order["url"], wanted)


if __name__ == "__main__":
    main()
