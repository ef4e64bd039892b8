"""The questions of an attack: drawn at random, each of one way in which something could be disclosed or broken."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

USERS = ("portal", "clerk", "own", "all", "manager", "foreign", "system")
# What would take the world away when a user may do it.
DESTRUCTIVE = {"unlink", "action_rebuild"}
# What takes long on purpose, or waits for another system.
LEFT_OUT = {"activity_send_mail", "message_process", "message_route", "rating_send_request", "get_views"}
STRANGE = (
    None, True, False, 0, -1, 1, 50, 2**31, 2**63, -(2**63), 1.5, 1e308, "", "x", "0", "'; DROP", "\u202eRTL", "😀" * 9,
    "x" * 70000, "\x00", [], [[]], {}, {"a": 1}, ["x"], [None], [1, "x"], [[1, 2], [3]], {"id": 1}, [{}], "2019-13-45",
    "0001-01-01", "9999-12-31", "1899-12-31 23:59:59", ["&"], ["|", ["id", "=", 1]], [["id", "=", 1]], [("a",)],
)  # fmt: skip
# Ids of the wrong type never reach an own method as records: what the host says to them is its own.
ODD_IDS = ([], [0], [-1], [2**31 - 1], [1, 1])
CONTEXTS = (
    {"active_test": False}, {"active_test": "x"}, {"lang": "xx_XX"}, {"lang": 5}, {"tz": "Mars/Base"}, {"tz": 7},
    {"tz": "Pacific/Kiritimati"}, {"allowed_company_ids": []}, {"allowed_company_ids": "x"}, {"uid": 1}, {"su": True},
    {"allowed_company_ids": [0]}, {"bin_size": True}, {"active_ids": ["x"]}, {"active_id": {}}, {"install_mode": True},
    {"active_model": "ir.cron", "active_ids": [1]}, {"prefetch_fields": False}, {"tracking_disable": True},
    {"group_by": 5},
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One call, as a user, and whether a result alone would be wrong."""

    kind: str
    user: str
    model: str
    method: str
    ids: object
    args: tuple = ()
    context: tuple = ()
    forbidden: bool = False
    found: bool = False

    def __str__(self):
        context = f", context={dict(self.context)!r}" if self.context else ""
        return f"{self.model}.{self.method}({self.ids!r}, {', '.join(map(repr, self.args))}{context})"


class Questions:
    """An endless stream of questions to one world; the same for the same seed."""

    def __init__(self, world: dict, seed: int):
        self.world, self.random = world, random.Random(seed)
        self.kinds = (
            self.chosen, self.defaulted, self.withheld, self.paths, self.methods, self.hidden, self.strange, self.forms,
            self.companies,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Question]:
        while True:
            question = self.random.choice(self.kinds)()
            if question:
                yield question

    def _pick(self, values):
        values = list(values)
        return self.random.choice(values) if values else None

    def _secret(self, user: str, model: str) -> list[int]:
        return self.world["secrets"][user].get(model, [])

    def _relation(self, user: str):
        """An own model, one of its fields, and the id of something hidden it may be given."""
        model = self._pick(self.world["models"])
        fields = self.world["models"][model]["fields"]
        name = self._pick(name for name, field in fields.items() if self._secret(user, field["comodel"] or ""))
        if name is None:
            return None
        hidden = self._pick(self._secret(user, fields[name]["comodel"]))
        many = fields[name]["type"] in ("many2many", "one2many")
        return model, name, [[6, 0, [hidden]]] if many else hidden

    def _shown(self, model: str) -> dict:
        """What a form asks for: every field, and the name of all it points to."""
        fields = self.world["models"][model]["fields"]
        return {name: {"fields": {"display_name": {}}} if about["comodel"] else {} for name, about in fields.items()
                if about["type"] != "binary"}  # fmt: skip

    # ------------------------------------------------------------------ something hidden is chosen

    def chosen(self):
        """Something hidden is given to a field, in a form or by creating a record."""
        user = self._pick(USERS)
        if not (relation := self._relation(user)):
            return None
        model, name, value = relation
        values = {name: value, **self._usual(model)}
        mine = (self._pick(self._mine(user, model)) or [])[:1]
        return self._pick(
            (
                Question("chosen", user, model, "onchange", [], (values, [name], self._shown(model))),
                Question("chosen", user, model, "web_save", [], (values, self._shown(model))),
                Question("chosen", user, model, "create", None, ([values],)),
                Question("chosen", user, model, "web_save", mine, ({name: value}, self._shown(model))),
            )
        )

    def defaulted(self):
        """The same by the context."""
        user = self._pick(USERS)
        if not (relation := self._relation(user)):
            return None
        model, name, value = relation
        context = ((f"default_{name}", value), *self._odd_context())
        fields = list(self._shown(model))
        return self._pick(
            (
                Question("defaulted", user, model, "default_get", None, (fields,), context),
                Question("defaulted", user, model, "onchange", [], ({}, [], self._shown(model)), context),
                Question("defaulted", user, model, "web_save", [], (self._usual(model), self._shown(model)), context),
            )
        )

    def _usual(self, model: str) -> dict:
        """Values that make a record of some models complete."""
        values = {
            "crm.interaction": {"channel_id": self._pick(self.world["records"]["crm.interaction.channel"]["common"])},
            "crm.interaction.log": {"kind": "call"},
            "crm.score.training": {"cutoff": "2024-05-05"},
            "crm.segment.by.hand": {"reason": "x"},
            "crm.score.rule": {"name": "x", "kind": "fit", "points": 5, "domain": "[('name', '=', 'x')]"},
            "crm.tier": {"name": "x", "threshold": 5},
        }
        return dict(values.get(model, {"name": "x"} if "name" in self.world["models"][model]["fields"] else {}))

    def _mine(self, user: str, model: str) -> list[list[int]]:
        zones = self.world["records"].get(model, {})
        return [zones[zone] for zone in (*self.world["sees"][user], "common") if zones.get(zone)]

    # ------------------------------------------------------------------ fields and paths

    def withheld(self):
        """A field that is not for the user, by a condition, an order, a group or a reading."""
        user = self._pick(USERS)
        model, name = self._pick(self.world["withheld"][user]) or (None, None)
        if model is None:
            return None
        known = {(field["model"], field["name"]): field["conditions"] for field in self.world["fields"]}
        if (model, name) not in known:
            return None
        operator, value = self._pick(known[model, name])
        domain = [[name, operator, value]]
        # how many there are is an answer, too
        calls = {
            "search": (domain,), "search_count": (domain,), "search_read": (domain, ["id"]),
            "web_search_read": (domain, {"id": {}}), "formatted_read_group": (domain, ["id"], ["__count"]),
            "name_search": ("", domain), "web_read_group": ([], [name], ["__count"]),
        }  # fmt: skip
        method = self._pick(calls)
        # the host answers some conditions without looking at the field
        return Question("withheld", user, model, method, None, calls[method], forbidden=True)

    def paths(self):
        """A condition that only a hidden mark meets."""
        user = self._pick(USERS)
        start, _path, zone, domain = self._pick(self.world["paths"])
        if zone in self.world["sees"][user]:
            return None
        method = self._pick(("search", "search_count"))
        return Question("paths", user, start, method, None, (domain,), self._odd_context(), found=True)

    # ------------------------------------------------------------------ methods

    def methods(self):
        """An own method with sensible arguments about any zone."""
        user, method = self._pick(USERS), self._pick(self.world["methods"])
        zone = self._pick(method["arguments"])
        ids = self._pick(self.world["records"].get(method["model"], {}).values())
        if method["name"] in DESTRUCTIVE or ids is None:
            return None
        ids = ids[:1]  # the others of its zone may be for somebody else: dialogs are
        # the host shows all customers of a company to everybody in it
        secret = () if method["model"] == "res.partner" else self._secret(user, method["model"])
        hidden = bool(set(ids) & set(secret)) and not method["by_model"]
        args = tuple(method["arguments"][zone])
        ids = None if method["by_model"] else ids
        return Question("methods", user, method["model"], method["name"], ids, args, self._odd_context(), hidden)

    def hidden(self):
        """Any method of an own model on a hidden record."""
        user, model = self._pick(USERS), self._pick(self.world["models"])
        hidden = self._pick(self._secret(user, model))
        if hidden is None:
            return None
        calls = {
            "read": ([],), "web_read": (self._shown(model),), "write": ({"name": "x"},), "unlink": (), "copy": (),
            "export_data": (["display_name"],), "copy_data": (), "get_metadata": (), "action_archive": (),
            "web_save": ({"name": "x"}, self._shown(model)), "get_field_translations": ("name",),
        }  # fmt: skip
        method = self._pick(calls)
        # dates of a record and the absence of one tell nothing that is in it
        forbidden = method not in ("get_metadata", "get_field_translations", "action_archive", "export_data")
        return Question("hidden", user, model, method, [hidden], calls[method], self._odd_context(), forbidden)

    def strange(self):
        """A method with arguments of the wrong kind, on ids of any kind."""
        user = self._pick(USERS)
        if self.random.random() < 0.5:
            method = self._pick(self.world["methods"])
            model, name, count = method["model"], method["name"], len(method["parameters"]) - 1
            usual, kind = [method["arguments"]["own"]], "strange"
        else:
            model = self._pick(self.world["models"])
            name = self._pick(self.world["models"][model]["methods"])
            count, usual, kind = self.random.randrange(4), [], "strange to the host"
        if name in DESTRUCTIVE | LEFT_OUT:
            return None
        args = [self._pick(STRANGE) for _number in range(max(count, 0))]
        for values in usual:  # one of them sensible, so that the others are looked at
            place = self.random.randrange(len(values)) if values else None
            if place is not None and place < len(args):
                args[place] = values[place]
        ids = self._pick((*ODD_IDS, *self.world["records"].get(model, {}).values()))
        return Question(kind, user, model, name, ids, tuple(args), self._odd_context())

    def forms(self):
        """A form with values of the wrong kind."""
        user, model = self._pick(USERS), self._pick(self.world["models"])
        fields = list(self.world["models"][model]["fields"])
        values = {self._pick(fields): self._pick(STRANGE) for _number in range(self.random.randrange(1, 4))}
        shown = self._pick(({}, self._shown(model), {"x": {}}, [], {fields[0]: 5}))
        method = self._pick(("onchange", "web_save", "create", "search_read", "web_search_read"))
        domain = [[self._pick(fields), self._pick(("=", "in", "<", "like", "any", "not in", "child_of", "?")),
                   self._pick(STRANGE)]]  # fmt: skip
        args = {
            "onchange": (values, list(values), shown), "web_save": (values, shown), "create": ([values],),
            "search_read": (domain, fields[:3]), "web_search_read": (domain, {"display_name": {}}),
        }[method]  # fmt: skip
        ids = [] if method in ("onchange", "web_save") else None
        return Question("forms", user, model, method, ids, args, self._odd_context())

    def companies(self):
        """Reading with companies the user does not work in."""
        user, model = self._pick(USERS), self._pick(self.world["models"])
        context = (("allowed_company_ids", self.random.sample(list(self.world["companies"].values()), 2)),)
        calls = {
            "search_read": ([], []), "web_search_read": ([], self._shown(model)), "name_search": ("Kanari",),
            "default_get": (list(self._shown(model)),),
        }  # fmt: skip
        method = self._pick(calls)
        return Question("companies", user, model, method, None, calls[method], context)

    def _odd_context(self) -> tuple:
        return tuple(self._pick(CONTEXTS).items()) if self.random.random() < 0.3 else ()
