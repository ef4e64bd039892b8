"""The databases: templates of the bare host that are built once, and copies of them with the add-on installed.

What a database holds is noted as JSON in its PostgreSQL comment, written when it is finished: whatever lacks the note
was not made by this tool, whatever is called NAME_new was interrupted.
"""

import json
import shutil
from pathlib import Path

from devtools import addons, venvs
from devtools.common import DevError, home, locked, say, short_hash
from devtools.host import Host

# what the demo company runs, and what the dormant sources and the bridges wait for
HOST_MODULES = (
    "account", "base_automation", "calendar", "contacts", "crm", "crm_sms", "event_crm", "event_sale",
    "im_livechat", "loyalty", "mass_mailing", "mass_mailing_crm", "mass_mailing_sale", "mass_mailing_sms",
    "partnership", "phone_validation", "point_of_sale", "portal", "project", "rating", "repair", "sale_crm",
    "sale_loyalty", "sale_management", "sale_margin", "sale_stock", "sms", "stock", "survey", "website",
    "website_crm",
)  # fmt: skip
# what the host installs along with `sale`, of its own accord
BROUGHT_ALONG = {"spreadsheet_dashboard"}


def note(host: Host, name: str) -> dict | None:
    """What is noted about a database; None when there is no such database."""
    rows = host.query("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", name)
    if not rows:
        return None
    try:
        return json.loads(rows[0][0] or "")
    except ValueError:
        raise DevError(f"The database {name} was not made by ./dev: name another one by --db, or drop it.") from None


def write_note(host: Host, name: str, content: dict) -> None:
    """Note what a database holds."""
    host.query(f"""COMMENT ON DATABASE "{name}" IS '{json.dumps(content).replace("'", "''")}'""")


def drop(host: Host, name: str) -> None:
    """Drop a database and its files, if it is there."""
    host.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(home("data", "filestore", name), ignore_errors=True)


def rename(host: Host, name: str, new: str) -> None:
    """Give a finished database its final name."""
    files, place = home("data", "filestore", name), home("data", "filestore", new)
    shutil.rmtree(place, ignore_errors=True)
    if files.exists():
        files.replace(place)
    host.query(f'ALTER DATABASE "{name}" RENAME TO "{new}"')


def duplicate(host: Host, source: str, target: str, conf: Path | None = None) -> None:
    """Copy a database with its files over whatever was there; by the code that ``conf`` names, if not by today's."""
    conf = conf or host.config(target, db_name=target)
    with locked(source):
        drop(host, target)
        host.run_odoo(
            f"copy_{target}", f"Cannot copy the database {source}.", "db", "-c", conf, "duplicate", source, target
        )


def template(host: Host, kind: str) -> str:
    """The database to copy from: `host` (all apps, demo data) or `minimal` (the add-on's dependencies, no demo)."""
    modules = ",".join(sorted(HOST_MODULES if kind == "host" else addons.depends()))
    # A bare host knows nothing of this repository: an older version of it in a copy would miss the add-ons that
    # have come since, and the host would take them for lost.
    places = ",".join(map(str, host.odoo.addons))
    name = f"tpl_{kind}_{short_hash(host.odoo.identity, modules, places, venvs.lock_text('odoo'), str(home()))}"
    with locked(name):
        if note(host, name) is None:
            say(f"building the `{kind}` database, which later ones are copies of (about two minutes)")
            building = f"{name}_new"
            drop(host, building)
            conf = host.config(f"template_{kind}", with_demo=kind == "host", addons_path=places)
            arguments = ["-c", conf, "-d", building, "-i", modules, "--stop-after-init", "--no-http"]
            host.run_odoo(name, f"Odoo cannot build the `{kind}` database.", *arguments)
            write_note(host, building, {"kind": kind})
            rename(host, building, name)
    return name


def copy_with_addons(host: Host, kind: str, name: str, log: str) -> None:
    """A fresh database called ``name``: a copy of a template with the add-ons of this repository installed."""
    source, building = template(host, kind), f"{name}_new"
    say(f"copying the `{kind}` database to {name} and installing the add-on")
    duplicate(host, source, building)
    install(host, kind, building, log)
    drop(host, name)
    rename(host, building, name)


def install(host: Host, kind: str, name: str, log: str, upgrade: bool = False) -> None:
    """Install the add-ons into a database, or upgrade those that are there, and note the state of their files."""
    state = addons.state()
    wanted = addons.names(BROUGHT_ALONG | set(HOST_MODULES if kind == "host" else addons.depends()))
    arguments = ["-i", ",".join(wanted), *(["-u", addons.MAIN] if upgrade else [])]
    conf = host.config(name, db_name=name, with_demo=kind == "host")
    failure = f"Odoo cannot {'upgrade' if upgrade else 'install'} the add-on."
    host.run_odoo(log, failure, "-c", conf, "-d", name, *arguments, "--stop-after-init", "--no-http")
    write_note(host, name, {**((note(host, name) if upgrade else None) or {}), "kind": kind, "addons": state})


def ensure_with_addons(host: Host, kind: str, name: str, log: str, fresh: bool = False) -> None:
    """The database called ``name``, made when missing and upgraded when the add-on's files have changed."""
    noted = None if fresh else note(host, name)
    if noted is None:
        copy_with_addons(host, kind, name, log)
    elif noted.get("addons") != addons.state():
        say(f"the add-on has changed: upgrading {name}")
        install(host, kind, name, log, upgrade=True)
