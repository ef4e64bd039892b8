"""How each public method is called: the host's generic ones by name, ours by the names of their parameters."""

import inspect
import warnings

from odoo.exceptions import UserError

from .world import ZONES

# what is too long for a table of the same values
PERIOD = {"date_from": "2019-01-01", "date_to": "2030-01-01"}
TRANSLATING = ("get_field_translations", "web_override_translations", "update_field_translations")
ARCHIVING = ("action_archive", "action_unarchive", "toggle_active")


_readable = {}


def readable(records):
    """Names of the fields of ``records`` that their user may read, without files."""
    key = records._name, records.env.uid
    if key not in _readable:
        names = records.fields_get(attributes=["type"])
        _readable[key] = [
            name for name, about in names.items() if about["type"] not in ("binary", "properties_definition")
        ]
    return list(_readable[key])


def specification(records):
    """What a web client asks of all fields it can see, with the names of everything they point to."""
    related = ("many2one", "one2many", "many2many")
    return {
        name: {"fields": {"display_name": {}}} if records._fields[name].type in related else {}
        for name in readable(records)
    }


def _group(model):
    """A field to group by."""
    stored = [
        field.name
        for field in model._fields.values()
        if field.store and field.column_type and not field.groups and field.type in ("char", "many2one", "date")
        and field.name not in ("create_uid", "write_uid")
    ]  # fmt: skip
    return (stored or ["id"])[0]


def _text(model, translated=False):
    """A text to write over, if the model has one."""
    for name, field in sorted(model._fields.items(), key=lambda item: item[0] != "name"):
        if field.type in ("char", "text") and field.store and not field.groups and (field.translate or not translated):
            return name
    return None


def generic(name, records, all_ids, values):
    """The call of the host's method ``name`` on ``records``; ``all_ids`` are those of the world, ``values`` make a
    record like these."""
    mine = [("id", "in", all_ids)]
    group, text, translated = _group(records), _text(records), _text(records, translated=True)
    needed = {**dict.fromkeys(ARCHIVING, "active"), "web_resequence": "sequence"}.get(name, "id")
    if needed not in records._fields or (name in TRANSLATING and not translated):
        return None
    if name == "name_create" and not records._rec_name:
        return None
    write = {text: "x"} if text else {}
    calls = {
        "read": lambda: records.read(readable(records)),
        "export_data": lambda: records.export_data(["id", ".id", *readable(records)]),
        "copy_data": lambda: records.copy_data(),
        "formatted_read_group": lambda: records.formatted_read_group(mine, [group], ["__count"]),
        "formatted_read_grouping_sets": lambda: records.formatted_read_grouping_sets(mine, [[group], []], ["__count"]),
        "get_field_translations": lambda: records[:1].get_field_translations(translated),
        "name_search": lambda: records.name_search("Kanari"),
        "read_group": lambda: _deprecated(records.read_group)(mine, [group], [group]),
        "read_progress_bar": lambda: records.read_progress_bar(mine, group, {"field": group, "colors": {}}),
        "search": lambda: records.search(mine),
        "search_count": lambda: records.search_count(mine),
        "search_panel_select_multi_range": lambda: records.search_panel_select_multi_range(group),
        "search_panel_select_range": lambda: records.search_panel_select_range(group),
        "search_read": lambda: records.search_read(mine, readable(records)),
        "web_name_search": lambda: records.web_name_search("Kanari", {"display_name": {}}),
        "web_read": lambda: records.web_read(specification(records)),
        "web_read_group": lambda: records.web_read_group(
            mine, [group], ["__count"], auto_unfold=True, unfold_read_specification={"display_name": {}}
        ),
        "web_search_read": lambda: records.web_search_read(mine, specification(records)),
        "create": lambda: records.browse().create([values]).ids,
        "name_create": lambda: records.name_create("Made"),
        "copy": lambda: records.copy().ids,
        "load": lambda: _loaded(records, text or "id"),
        "action_archive": lambda: records.action_archive(),
        "action_unarchive": lambda: records.action_unarchive(),
        "toggle_active": lambda: records.action_archive(),  # the deprecated name of it
        "web_override_translations": lambda: records.web_override_translations({translated: "x"}),
        "update_field_translations": lambda: records.update_field_translations(translated, {"en_US": "x"}),
        "web_resequence": lambda: records.web_resequence({"display_name": {}}, "sequence"),
        "web_save": lambda: records[:1].web_save(write, specification(records)),
        "web_save_multi": lambda: records.web_save_multi([write] * len(records), {"display_name": {}}),
        "write": lambda: records.write(write),
        "unlink": lambda: records.unlink(),
        # what tells nothing
        "default_get": lambda: records.default_get(readable(records)),
        "onchange": lambda: records[:1].onchange({}, [], specification(records)),
        "message_post": lambda: records[:1].message_post(body="x"),
        "activity_schedule": lambda: records[:1].activity_schedule("mail.mail_activity_data_todo"),
    }
    return calls.get(name) or _without_arguments(records, name)


def _deprecated(method):
    """A method that clients may still call, without the warning."""

    def call(*given):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return method(*given)

    return call


def _loaded(records, text):
    """The ids of what was imported; what is wrong with it is an error here, as it is for who imports."""
    found = records.load([text], [["Loaded"]])
    if not found["ids"]:
        raise UserError(str(found["messages"]))
    return found


def _without_arguments(records, name):
    method = getattr(records, name)
    try:
        inspect.signature(method).bind()
    except TypeError:
        return None
    return method


def arguments(world, method, zone):
    """One list of arguments for a method of ours, about what is in ``zone``.

    :raise LookupError: for a parameter that nobody has said a value for
    """
    found = []
    for parameter in inspect.signature(method).parameters.values():
        if parameter.name in ("args", "kwargs"):
            continue
        values = _values(world, zone)
        if parameter.name in values:
            found.append(values[parameter.name])
        elif parameter.default is parameter.empty:
            raise LookupError(parameter.name)
        else:
            found.append(parameter.default)
    return found


def _values(world, zone):
    """A value for every parameter, by its name: add those of new methods here."""
    place = zone if zone in ZONES else "own"
    company = "beta" if place == "beta" else "alfa"
    customer = world.of("res.partner", place)[:1] or world.of("res.partner", "own")[:1]
    lead = world.of("crm.lead", place) or world.of("crm.lead", "own")
    return {
        **PERIOD,
        "chosen": {"date_from": "2019-01-01", "date_to": "2027-01-01"},
        "figure": "revenue",
        "card": "products",
        "cards": ["funnel", "segments"],
        "part": "segment",
        "key": 0,
        "scope": {"lead_id": lead.id} if zone == "bob" else {"partner_id": customer.id},
        "filters": {"search": "Kanari"},
        "rows": [],
        "row_ids": world.of("crm.interaction", place).ids,
        "row_id": (world.of("crm.interaction", place)[-1:] or world.of("crm.interaction", "own")[-1:]).id,
        "partner_id": customer.id,
        "rule_id": world.of("crm.score.rule", company).id,
        "segment_ids": world.of("crm.segment", company)[:1].ids,
        "segment_id": world.of("crm.segment", company)[:1].id,
        "from_id": world.of("crm.segment", company)[:1].id,
        "to_id": False,
        "product_ids": world.of("product.product", place).ids,
        "values": {"name": "Draft", "kind": "fit", "points": 5, "domain": "[('name', 'like', 'Kanari')]"},
        "vals": {},
        "order": [],
        "code": "segments",
        "name": "Kanari",
        "cutoff": "2024-05-05",
        "start": "2024-05-01",
        "which": "A",
        "requests": [
            {"figure": "revenue", "company_ids": world.companies[company].ids},
            {"figure": "revenue", "segment_ids": world.of("crm.segment", company)[:1].ids},
        ],
    }
