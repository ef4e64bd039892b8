"""Every way to ask for a field, and every path by which a search can reach a value."""

from .world import ZONES, zones_in

COMPARED = ("integer", "float", "monetary", "date", "datetime")
TEXTS = ("char", "text", "html")
MARKED = (*TEXTS, "float", "monetary")
MOMENT = "2019-03-07 05:43:21"
# What a field may be compared with, by its type.
VALUES = {
    "boolean": True, "integer": 3, "float": 3.5, "monetary": 3.5, "date": "2019-03-07", "datetime": MOMENT,
    "char": "K", "text": "K", "selection": "order", "json": "K",
}  # fmt: skip
# Host's models that reach the ones with added fields, for conditions on what they point to.
THROUGH = {
    "res.partner": (("res.users", "partner_id"), ("res.partner", "parent_id"), ("res.company", "partner_id")),
    "crm.lead": (("calendar.event", "opportunity_id"), ("sale.order", "opportunity_id")),
    "sale.order": (("sale.order.line", "order_id"),),
    "res.company": (("res.partner", "company_id"), ("res.users", "company_id")),
    "account.move": (("account.move.line", "move_id"),),
}


def conditions(field):
    """Conditions on a field: an operator and a value each, all of which it might understand."""
    value = VALUES.get(field.type, 1)
    found = [("=", value), ("!=", value), ("in", [value]), ("not in", [value])]
    if not field.required:  # else the answer is known without looking at the field
        found += [("=", False), ("!=", False)]
    if field.type in COMPARED:
        found += [(operator, value) for operator in ("<", "<=", ">", ">=")]
    if field.type in TEXTS or field.relational:
        found += [(operator, "K%") for operator in ("like", "ilike", "=like", "=ilike", "not like", "not ilike")]
    if field.relational:
        found += [(operator, [("id", ">", 0)]) for operator in ("any", "not any", "any!", "not any!")]
    return found


def of_field(model, name):
    """``{way: function}`` to ask ``model`` (a record of the user's) for a field."""
    field, some = model._fields[name], model[:1]
    first = conditions(field)[0]
    aggregate = "array_agg" if field.type in ("many2one", "char", "boolean", "selection") else "max"
    ways = {
        f"search {operator} {value!r}": lambda operator=operator, value=value: model.search(
            [(name, operator, value)], limit=1
        )
        for operator, value in conditions(field)
    }
    ways |= {
        "search_count": lambda: model.search_count([(name, *first)]),
        "search_read": lambda: model.search_read([("id", "in", some.ids)], [name]),
        "search of a search": lambda: model.search_read([(name, *first)], ["id"], limit=1),
        "order": lambda: model.search([], order=name, limit=1),
        "order down": lambda: model.search([], order=f"{name} DESC", limit=1),
        "read": lambda: some.read([name]),
        "web_read": lambda: some.web_read({name: {}}),
        "web_search_read": lambda: model.web_search_read([(name, *first)], {"id": {}}, limit=1),
        "export_data": lambda: some.export_data([name]),
        "_read_group": lambda: model._read_group([("id", "in", some.ids)], [_grouped(field)], ["__count"]),
        "having": lambda: model._read_group(
            [], ["id"], [f"{name}:{aggregate}"], [(f"{name}:{aggregate}", "!=", 0)], limit=1
        ),
        "aggregate": lambda: model._read_group([("id", "in", some.ids)], [], [f"{name}:{aggregate}"]),
        "count_distinct": lambda: model._read_group([("id", "in", some.ids)], [], [f"{name}:count_distinct"]),
        "formatted_read_group": lambda: model.formatted_read_group([(name, *first)], ["id"], ["__count"], limit=1),
        "grouped": lambda: model.formatted_read_group([("id", "in", some.ids)], [_grouped(field)], ["__count"]),
        "web_read_group": lambda: model.web_read_group([("id", "in", some.ids)], [_grouped(field)], ["__count"]),
        "name_search": lambda: model.name_search("", [(name, *first)], limit=1),
        "onchange": lambda: some.onchange({}, [name], {name: {}}),
        "web_save": lambda: some.web_save({}, {name: {}}),
        "write": lambda: some.write({name: VALUES.get(field.type, False)}),
    }
    for other, path in THROUGH.get(model._name, ()):
        start = model.env[other]
        ways |= {
            f"{other} by {path}.{name}": lambda start=start, path=path: start.search(
                [(f"{path}.{name}", *first)], limit=1
            ),
            f"{other} by any {path}": lambda start=start, path=path: start.search(
                [(path, "any", [(name, *first)])], limit=1
            ),
            f"{other} ordered by {path}.{name}": lambda start=start, path=path: start.search(
                [], order=f"{path}.{name}", limit=1
            ),
            f"{other} grouped by {path}.{name}": lambda start=start, path=path: start._read_group(
                [], [f"{path}.{name}"], ["__count"], limit=1
            ),
        }
    return ways


def of_rows(rows, name):
    """``{way: function}`` to read a field of what a user may read, and of what it points to."""
    relational = rows._fields[name].relational
    return {
        "read": lambda: rows.read([name]),
        "web_read": lambda: rows.web_read({name: {"fields": {"display_name": {}}} if relational else {}}),
        "export": lambda: rows.export_data([name, *([f"{name}/display_name"] if relational else [])]),
        "filtered": lambda: rows.filtered_domain([(name, "!=", False)]).ids,
        "grouped": lambda: rows.formatted_read_group([], [_grouped(rows._fields[name])], ["__count"], limit=200),
    }


def _grouped(field):
    return f"{field.name}:month" if field.type in ("date", "datetime") else field.name


def marked(world):
    """``{model: fields}``: where the marks of the world are, in what is stored."""
    found = {}
    for model, zones in world.records.items():
        for records in zones.values():
            stored = [name for name, field in records._fields.items() if field.store and field.type in MARKED]
            for values in records.sudo().read(stored):
                found.setdefault(model, set()).update(name for name in stored if zones_in(repr(values[name])))
    return {model: names for model, names in found.items() if names}


def paths(env, start, leaves, own, steps=2, prefix=""):
    """Paths by which a condition on ``start`` reaches one of the ``leaves``, a step from or to a model of ours each."""
    model = env[start]
    for name in sorted(leaves.get(start, ())):
        if prefix or start in own:
            yield prefix + name
    for name, field in model._fields.items() if steps else ():
        other = field.relational and field.comodel_name
        if other in leaves and (field.store or field.search) and (start in own or other in own):
            yield from paths(env, other, leaves, own, steps - 1, f"{prefix}{name}.")


def nested(path, *conditions):
    """Conditions on the one value at the end of a path, written with *any*.

    >>> nested("a.b.c", ("like", "x"))
    [('a', 'any', [('b', 'any', [('c', 'like', 'x')])])]
    """
    first, _dot, rest = path.partition(".")
    return [(first, "any", nested(rest, *conditions))] if rest else [(first, *condition) for condition in conditions]


def is_marked(env, start, path, zone):
    """A condition on the value at the end of a path that only the marks of a zone meet."""
    model = env[start]
    *steps, leaf = path.split(".")
    for step in steps:
        model = env[model._fields[step].comodel_name]
    if model._fields[leaf].type in TEXTS:
        return nested(path, ("=like", f"%Kanari{zone}%"))
    number = 730000 + 1000 * (ZONES.index(zone) + 1)
    return nested(path, (">", number), ("<", number + 1000))
