"""The browser of the browser tests."""

import os
import shutil

from devtools.common import DevError, locked, run, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = "install Chromium (on Debian: apt-get install chromium), or leave the browser out with ./dev test --fast"


def ensure() -> None:
    """Have a Chromium on the PATH; root gets it from the system's packages."""
    with locked("chromium"):
        if any(map(shutil.which, NAMES)):
            return
        if os.getuid() or not shutil.which("apt-get"):
            raise DevError(f"The browser tests need Chromium, which is not installed: {REMEDY}.")
        say("installing Chromium")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        failure = f"Cannot install Chromium: {REMEDY}."
        run(["apt-get", "update", "-qq"], failure, log="apt_update", env=env)
        packages = ["chromium", "fonts-liberation", "fonts-noto-core"]
        run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
            failure,
            log="apt_chromium",
            env=env,
        )
