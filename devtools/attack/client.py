"""Clients of the served host: a session of each user over JSON-RPC, and the same by API key over JSON-2."""

import http.client
import json
from dataclasses import dataclass

# What a server says on purpose: sentences for people, not errors of the code.
SENTENCES = ("odoo.exceptions.", "odoo.http.SessionExpired", "werkzeug.exceptions.")
TIMEOUT = 120


@dataclass(frozen=True)
class Answer:
    """What the server said: a result, or an error with its kind and traceback; ``text`` is all of it."""

    text: str
    error: str = ""
    debug: str = ""

    @property
    def is_result(self) -> bool:
        """Whether it is no error."""
        return not self.error

    @property
    def is_traceback(self) -> bool:
        """Whether the server failed, instead of answering or saying what is wrong.

        >>> Answer("", "odoo.exceptions.AccessError").is_traceback, Answer("", "builtins.KeyError").is_traceback
        (False, True)
        """
        return bool(self.error) and not self.error.startswith(SENTENCES)


class Client:
    """One user of the served database."""

    def __init__(self, port: int, db: str, name: str, login: str | None, password: str, key: str | None):
        self.port, self.db, self.name, self.key = port, db, name, key
        self.cookie = None
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        if login:
            self._log_in(login, password)

    def call(self, model: str, method: str, args: list, kwargs: dict) -> Answer:
        """What the web client asks."""
        path = f"/web/dataset/call_kw/{model}/{method}"
        return self._rpc(path, {"model": model, "method": method, "args": args, "kwargs": kwargs})

    def call_by_key(self, model: str, method: str, ids: list | None, named: dict) -> Answer:
        """What another system asks."""
        body = {**({"ids": ids} if ids is not None else {}), **named}
        headers = {"Authorization": f"bearer {self.key}", "X-Odoo-Database": self.db}
        status, text = self._post(f"/json/2/{model}/{method}", body, headers)
        if status == 200:
            return Answer(text)
        return self._failed(text, status)

    def _log_in(self, login: str, password: str) -> None:
        answer = self._rpc("/web/session/authenticate", {"db": self.db, "login": login, "password": password})
        if not answer.is_result:
            raise ConnectionError(f"{login} cannot log in: {answer.text[:300]}")

    def _rpc(self, path: str, params: dict) -> Answer:
        status, text = self._post(path, {"jsonrpc": "2.0", "method": "call", "params": params}, {})
        try:
            answer = json.loads(text)
        except ValueError:
            return Answer(text, f"HTTP {status}", text)
        if "error" in answer:
            data = answer["error"].get("data") or {}
            return Answer(text, data.get("name") or f"HTTP {status}", data.get("debug") or "")
        return Answer(text)

    @staticmethod
    def _failed(text: str, status: int) -> Answer:
        try:
            data = json.loads(text)
        except ValueError:
            data = {}
        return Answer(text, data.get("name") or f"HTTP {status}", data.get("debug") or "")

    def _post(self, path: str, body: dict, headers: dict) -> tuple[int, str]:
        headers = {"Content-Type": "application/json", **({"Cookie": self.cookie} if self.cookie else {}), **headers}
        try:
            return self._send(path, json.dumps(body), headers)
        except (http.client.HTTPException, OSError):
            self.connection.close()  # the server may have closed it meanwhile
            return self._send(path, json.dumps(body), headers)

    def _send(self, path: str, body: str, headers: dict) -> tuple[int, str]:
        self.connection.request("POST", path, body, headers)
        response = self.connection.getresponse()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie" and value.startswith("session_id="):
                self.cookie = value.split(";")[0]
        return response.status, response.read().decode(errors="replace")
