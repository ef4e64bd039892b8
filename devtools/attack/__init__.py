"""`./dev attack`: questions of every kind to a served database with two companies, over HTTP, for a while."""

import itertools
import json
import os
import random
import signal
import subprocess
import time
import urllib.error
import urllib.request

from devtools import databases, serve
from devtools import host as hosts
from devtools.attack.client import Client
from devtools.attack.findings import Findings
from devtools.attack.questions import USERS, Question, Questions
from devtools.common import ROOT, DevError, folder, free_slot, home, say
from devtools.host import Host

FIRST_PORT = 8369
# How a search says that it has found nothing.
EMPTY = ("[]", "0")


def add_arguments(parser) -> None:
    """The options of `./dev attack`."""
    parser.add_argument("--seconds", type=int, default=120, help="how long to ask (default: 120)")
    parser.add_argument("--seed", type=int, help="ask the questions of an earlier attack again (default: a new one)")
    parser.add_argument("--keep", action="store_true", help="do not drop the database at the end")
    parser.add_argument("--reuse", action="store_true", help="attack the database that --keep has left, and keep it")
    parser.set_defaults(call=attack)


def attack(options) -> int:
    """Attack for a while; 1 when something was found."""
    host = hosts.ensure(options.db_host)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    with free_slot("attack") as slot:
        name = f"cpa_{slot}"
        try:
            world = (options.reuse and _kept(host, name)) or _make(host, name)
            findings = _serve_and_ask(host, name, world, seed, options.seconds)
        finally:
            if not (options.keep or options.reuse):
                databases.drop(host, name)
    print(findings.report())
    print(f"seed {seed}: `./dev attack --seed {seed}` asks the same questions")
    return 1 if findings.found else 0


def _make(host: Host, name: str) -> dict:
    """A fresh database with the add-ons and the world; what the attacker knows of it."""
    databases.copy_with_addons(host, "host", name, f"{name}_setup")
    say("making two companies, nine users and what they must not know of each other")
    place = folder("run") / f"{name}_world.json"
    conf = host.config(name, db_name=name)
    place.unlink(missing_ok=True)
    code = (
        "import json, pathlib; from devtools.scripts import attack_world\n"
        f"pathlib.Path({str(place)!r}).write_text(json.dumps(attack_world.describe(env)))"
    )
    serve.shell(host, conf, name, code, "The world of the attack cannot be made.", log=f"{name}_world")
    if not place.is_file():
        raise DevError(f"The world of the attack was not made: see {home('logs', f'{name}_world.log')}.")
    return json.loads(place.read_text())


def _kept(host: Host, name: str) -> dict | None:
    place = folder("run") / f"{name}_world.json"
    return json.loads(place.read_text()) if databases.note(host, name) and place.is_file() else None


def _serve_and_ask(host: Host, name: str, world: dict, seed: int, seconds: int) -> Findings:
    port = serve.free_port(None, FIRST_PORT)
    conf = host.config(name, db_name=name, dbfilter=f"^{name}$", http_port=port, gevent_port=port + 1,
                       logfile=home("logs", f"{name}.log"), limit_time_real=600, limit_time_cpu=600)  # fmt: skip
    server = subprocess.Popen(
        [str(part) for part in host.odoo_command("-c", conf)], env=host.env, cwd=ROOT, start_new_session=True
    )
    try:
        _wait(server, port)
        return _ask(name, port, world, seed, seconds)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def _wait(server: subprocess.Popen, port: int) -> None:
    for _try in range(600):
        if server.poll() is not None:
            raise DevError("The server to attack does not start: see its log.")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise DevError("The server to attack does not answer.")


def _ask(name: str, port: int, world: dict, seed: int, seconds: int) -> Findings:
    clients = {
        user: Client(port, name, user, world["users"][user]["login"], world["password"], world["users"][user]["key"])
        for user in USERS
    }
    findings = Findings(world["sees"])
    say(f"asking for {seconds} seconds, seed {seed}")
    end = time.monotonic() + seconds
    for number, question in zip(itertools.count(), Questions(world, seed), strict=False):
        if time.monotonic() > end:
            return findings
        client = clients[question.user]
        answer = _put(client, question, by_key=bool(client.key) and number % 4 == 0)
        forbidden = question.forbidden or (question.found and _result(answer.text) not in EMPTY)
        findings.judge(question.kind, question.user, str(question), answer, forbidden)
        if question.method in ("create", "web_save") and answer.is_result:
            _read_back(client, question, answer, findings)
    return findings


def _result(text: str) -> str:
    """The result in an answer of either kind.

    >>> _result('{"jsonrpc": "2.0", "result": []}'), _result("[4]")
    ('[]', '[4]')
    """
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return json.dumps(found["result"] if isinstance(found, dict) and "result" in found else found)


def _put(client: Client, question: Question, by_key: bool):
    context = {"lang": "en_US", **dict(question.context)}
    if by_key and isinstance(question.ids, (list, type(None))):
        return client.call_by_key(
            question.model, question.method, question.ids, _named(question) | {"context": context}
        )
    args = list(question.args)
    if question.ids is not None:
        args.insert(0, question.ids)
    return client.call(question.model, question.method, args, {"context": context})


# The parameters of the host's methods, which JSON-2 wants by name; those of our own are in the world.
NAMES = {
    "onchange": ("values", "field_names", "fields_spec"), "web_save": ("vals", "specification"),
    "create": ("vals_list",), "default_get": ("fields",), "search": ("domain",), "search_count": ("domain",),
    "search_read": ("domain", "fields"), "web_search_read": ("domain", "specification"),
    "formatted_read_group": ("domain", "groupby", "aggregates"), "web_read_group": ("domain", "groupby", "aggregates"),
    "name_search": ("name", "domain"), "read": ("fields",), "web_read": ("specification",), "write": ("vals",),
    "export_data": ("fields_to_export",), "get_field_translations": ("field_name",),
}  # fmt: skip


def _named(question: Question) -> dict:
    return dict(zip(NAMES.get(question.method, ()), question.args, strict=False))


def _read_back(client: Client, question: Question, answer, findings: Findings) -> None:
    """What was just made may tell more when it is read."""
    made = json.loads(answer.text)
    made = made.get("result") if isinstance(made, dict) and "result" in made else made
    ids = [row["id"] if isinstance(row, dict) else row for row in made] if isinstance(made, list) else [made]
    if ids and all(isinstance(record_id, int) for record_id in ids):
        shown = client.call(question.model, "read", [ids], {})
        findings.judge("read back", question.user, f"{question}, then read", shown)
