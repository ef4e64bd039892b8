"""`./dev screenshots`: the pictures of the README and the store page, made again from the demo company."""

import argparse
import json
import re
import subprocess
import time
import urllib.error
import urllib.request

from devtools import chromium, databases, serve
from devtools import host as hosts
from devtools.common import ROOT, DevError, folder, locked, run, say
from devtools.host import Host

DATABASE = "crm_plus_pictures"
SAMPLES = ("story", "leads")
# The store page and the README show the same ones.
PLACE = ROOT / "crm_plus" / "static" / "description"
# name -> the page of the lead of which most is known, what is clicked there, what must be shown then
PICTURES: dict[str, dict] = {
    "timeline": {
        "path": "/odoo/crm.lead/{lead}",
        "click": [".o_notebook .nav-link[name=crm_timeline]"],
        "wait": ".o_crm_timeline .o_crm_timeline_entry",
        "size": (1400, 1000),
    },
    "score": {
        "path": "/odoo/crm.lead/{lead}",
        "click": [".o_crm_score_card .o_crm_score_toggle"],
        "wait": ".o_crm_score_card .o_crm_score_why",
    },
    "segments": {"path": "/odoo/action-crm_plus.crm_segment_map_action", "wait": ".o_crm_map_body"},
}
LEAD = """
leads = env["crm.lead"].search([("won_status", "=", "pending")])
lead = max(leads, key=lambda lead: (bool(lead.win_probability), lead.interaction_count))
print("lead:", lead.id)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `./dev screenshots`."""
    parser.add_argument("--fresh", action="store_true", help="make the demo company anew")
    parser.set_defaults(call=screenshots, db=DATABASE)


def screenshots(options) -> int:
    """Make the demo company with the samples, start Odoo on it, take the pictures, stop it."""
    chromium.ensure()
    host = hosts.ensure(options.db_host)
    with locked(f"database_{DATABASE}"):
        databases.ensure_with_addons(host, "host", DATABASE, f"{DATABASE}_setup", options.fresh)
        serve.finish(host, DATABASE, wanted=SAMPLES)
        _take(host)
    return 0


def _take(host: Host) -> None:
    port = serve.free_port(None, 8269)
    conf = host.config(DATABASE, db_name=DATABASE, dbfilter=f"^{DATABASE}$", http_port=port, gevent_port=port + 1)
    lead = re.search(r"^lead: (\d+)", serve.shell(host, conf, DATABASE, LEAD, "There is no lead.", DATABASE), re.M)[1]
    order = {
        "url": f"http://127.0.0.1:{port}",
        "db": DATABASE,
        "login": "admin",
        "pictures": [
            {**picture, "path": picture["path"].format(lead=lead), "file": str(PLACE / f"{name}.png")}
            for name, picture in PICTURES.items()
        ],
    }
    command = [str(part) for part in host.odoo_command("-c", conf)]
    with (folder("logs") / f"{DATABASE}_server.log").open("w") as log:
        server = subprocess.Popen(command, env=host.env, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait(order["url"], server)
        say("taking the pictures")
        command = [host.python, "-m", "devtools.scripts.photograph"]
        run(command, "A picture cannot be taken.", log="photograph", env=host.env, stdin=json.dumps(order))
    finally:
        server.terminate()
        server.wait()
    for name in PICTURES:
        print((PLACE / f"{name}.png").relative_to(ROOT))


def _wait(url: str, server: subprocess.Popen) -> None:
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/web/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise DevError("Odoo does not start for the pictures.")
