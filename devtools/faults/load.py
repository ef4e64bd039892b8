"""Users at work: real requests over HTTP, one after the other, each one transaction of the host."""

import random
import threading
import time
from collections import Counter

import requests

LOGINS = ("admin", "manager")
# What a request ends with when its worker or its database session is killed.
KILLED = (
    "OperationalError",
    "InterfaceError",
    "AdminShutdown",
    "ConnectionError",
    "ChunkedEncodingError",
    "ReadTimeout",
)
# How often each kind of work is done, of twenty.
WORK = {
    "order": 6, "cancel": 2, "change_order": 2, "lead": 3, "change_lead": 3, "close_lead": 1, "message": 2, "log": 1,
}  # fmt: skip


class Refused(Exception):
    """The server answered with an error; its first argument is the name of the exception."""


class Client:
    """A logged-in session, as the web client has."""

    def __init__(self, url: str, database: str, login: str):
        self.url, self.session = url, requests.Session()
        self.call("/web/session/authenticate", db=database, login=login, password=login)

    def call(self, path: str, **params):
        """The result of a JSON-RPC request; raises `Refused`."""
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self.session.post(self.url + path, json=body, timeout=60).json()
        if "error" in answer:
            data = answer["error"].get("data", {})
            raise Refused(data.get("name", "?").rpartition(".")[2], data.get("message", "")[:300])
        return answer.get("result")

    def method(self, model: str, name: str, *args, **options):
        """What a method of a model gives."""
        path = f"/web/dataset/call_kw/{model}/{name}"
        return self.call(path, model=model, method=name, args=list(args), kwargs=options)


class User(threading.Thread):
    """One user who works until stopped."""

    def __init__(self, number: int, urls: list[str], database: str, known: dict, stop: threading.Event, seed: int):
        super().__init__(daemon=True)
        self.chance, self.known, self.stop = random.Random(f"{seed}/{number}"), known, stop
        self.arguments = urls[number % len(urls)], database, LOGINS[number % len(LOGINS)]
        self.orders, self.leads = [], []
        self.done, self.errors = Counter(), Counter()

    def run(self) -> None:
        client = None
        while not self.stop.is_set():
            kind = self.chance.choices(list(WORK), WORK.values())[0]
            try:
                client = client or Client(*self.arguments)
                getattr(self, kind)(client)
                self.done[kind] += 1
            except Refused as error:
                self.errors[error.args] += 1
            except (requests.RequestException, ValueError) as error:
                self.errors[type(error).__name__, ""] += 1
                time.sleep(0.5)

    def customer(self) -> int:
        return self.chance.choice(self.known["customers"])

    def order(self, client: Client) -> None:
        line = (
            0,
            0,
            {"product_id": self.known["product"], "price_unit": self.chance.randint(10, 500), "tax_ids": False},
        )
        [order] = client.method("sale.order", "create", [{"partner_id": self.customer(), "order_line": [line]}])
        client.method("sale.order", "action_confirm", [order])
        self.orders.append(order)

    def cancel(self, client: Client) -> None:
        if self.orders:
            order = self.orders.pop(self.chance.randrange(len(self.orders)))
            client.method("sale.order", "action_cancel", [order], context={"disable_cancel_warning": True})

    def change_order(self, client: Client) -> None:
        if self.orders:
            values = {"client_order_ref": f"changed {self.chance.random():.6f}"}
            client.method("sale.order", "write", [self.chance.choice(self.orders)], values)

    def lead(self, client: Client) -> None:
        values = {
            "name": f"Fault lead {self.chance.random():.6f}",
            "partner_id": self.customer(),
            "type": "opportunity",
        }
        self.leads += client.method("crm.lead", "create", [values])

    def change_lead(self, client: Client) -> None:
        if self.leads:
            values = {"expected_revenue": self.chance.randint(1, 9999), "partner_id": self.customer()}
            client.method("crm.lead", "write", [self.chance.choice(self.leads)], values)

    def close_lead(self, client: Client) -> None:
        if self.leads:
            lead = self.leads.pop(self.chance.randrange(len(self.leads)))
            client.method("crm.lead", self.chance.choice(["action_set_won", "action_set_lost"]), [lead])

    def message(self, client: Client) -> None:
        model, ids = self.chance.choice([("sale.order", self.orders), ("crm.lead", self.leads)])
        if ids:
            options = {"body": "Hello", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
            client.method(model, "message_post", [self.chance.choice(ids)], **options)

    def log(self, client: Client) -> None:
        values = {"partner_id": self.customer(), "name": "Talked", "channel_id": self.known["phone"]}
        client.method("crm.interaction", "create", [values])


def unexpected(users: list[User]) -> Counter:
    """The errors users saw that no kill explains."""
    found = Counter()
    for user in users:
        for (name, message), count in user.errors.items():
            if not any(kind in name or kind in message for kind in KILLED) and "server closed" not in message:
                found[name, message] += count
    return found
