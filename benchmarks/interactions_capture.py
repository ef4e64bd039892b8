"""What capture adds to the work of users: in the ORM and to HTTP requests, always beside the same without it."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import requests

from benchmarks.harness import at_most, median, paired

BATCHES = (1, 100)
LINES = 5
# When the history is kept, and how that is called.
KEPT = {"now": "at once", "minute": "within a minute"}
WARMUP = 5


# ---------------------------------------------------------------------- ORM


def run_orm(options, known):
    """Milliseconds per captured record, the difference of pairs."""
    with options.env_factory() as env:
        orders = env["sale.order"].search([("state", "=", "sale")], order="id desc", limit=max(BATCHES))
        for size in BATCHES:
            yield _orm(env, f"{size} order(s) changed, per record", size, partial(_rename, orders[:size]))
            yield _orm(env, f"{size} lead(s) created, per record", size, partial(_create_leads, env, size))


def _rename(orders):
    for order in orders:
        order.client_order_ref = "changed"
        order.amount_total += 1


def _create_leads(env, count):
    env["crm.lead"].create([{"name": f"Lead {number}"} for number in range(count)])


def _orm(env, name, size, change):
    from odoo.addons.crm_plus.models.interaction.base import Base

    def transaction(capture):
        with env.cr.savepoint(flush=False) as savepoint, _capturing(Base, capture):
            change()
            env.cr.flush()
            savepoint.rollback()
        env.invalidate_all()

    times = paired(partial(transaction, True), partial(transaction, False), 60 if size == 1 else 15, WARMUP)
    without = 1000 * median(times.second) / size
    return at_most(f"capture of {name}", 1000 * times.difference / size, 1, "ms", without, "without")


@contextmanager
def _capturing(base, capture):
    if capture:
        yield
    else:
        with patch.object(base, "_crm_plus_watch", lambda self: None):
            yield


# ---------------------------------------------------------------------- HTTP


def run_http(options, known):
    """Confirming an order and posting a message, by pairs of requests to two servers on the same database."""
    with options.env_factory() as env:
        database = env.cr.dbname
    without_capture = [sys.executable, "-m", "benchmarks.unwatched_server"]
    with _server([Path(sys.executable).with_name("odoo")], database) as on, _server(without_capture, database) as off:
        product = on.method("product.product", "create", [{"name": "Product", "type": "service"}])
        line = (0, 0, {"product_id": product[0], "price_unit": 10})
        values = {"partner_id": known["usual"], "order_line": [line] * LINES}
        orders = on.method("sale.order", "create", [values] * (2 * len(KEPT) * (options.requests + WARMUP) + 1))
        confirm, post = partial(_confirm, iter(orders[1:])), partial(_post, orders[0])
        for kept in KEPT:
            on.method("ir.config_parameter", "set_param", "crm_plus.capture", kept)
            for name, request in ((f"confirming an order of {LINES} lines", confirm), ("posting a message", post)):
                times = paired(partial(request, on), partial(request, off), options.requests, WARMUP)
                without = 1000 * median(times.second)
                title = f"HTTP request {name}, history {KEPT[kept]}"
                yield at_most(title, without * times.ratio, 1.02, "ms", without, "without capture", ratio=True)
        on.method("ir.config_parameter", "set_param", "crm_plus.capture", "now")


def _confirm(orders, client):
    client.method("sale.order", "action_confirm", [next(orders)])


def _post(order, client):
    data = {"body": "Hello", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
    client.call("/mail/message/post", thread_model="sale.order", thread_id=order, post_data=data)


class _Client:
    """A logged-in session, as the web client has."""

    def __init__(self, url, database):
        self.url, self.session = url, requests.Session()
        self.call("/web/session/authenticate", db=database, login="admin", password="admin")

    def call(self, path, **params):
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self.session.post(self.url + path, json=body, timeout=600).json()
        if "error" in answer:
            raise RuntimeError(answer["error"]["data"]["debug"])
        return answer["result"]

    def method(self, model, name, *args):
        return self.call(f"/web/dataset/call_kw/{model}/{name}", model=model, method=name, args=list(args), kwargs={})


@contextmanager
def _server(command, database):
    port = _free_port()
    arguments = ["-c", os.environ["ODOO_RC"], "--max-cron-threads=0", "--log-level=error", "--http-interface=127.0.0.1"]
    ports = [f"--http-port={port}", f"--gevent-port={_free_port()}"]
    process = subprocess.Popen([*map(str, command), *arguments, *ports])
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield _Client(url, database)
    finally:
        process.terminate()
        process.wait(30)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(url, process):
    while process.poll() is None:
        try:
            requests.get(f"{url}/web/health", timeout=120).raise_for_status()
            return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise RuntimeError("Odoo's server did not start.")
