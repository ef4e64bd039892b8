"""What the bins of a trained model are called for people, in the reader's language, and its shapes as plain data.

Needs numpy: call it in jobs, or through the cache of `crm.score.model`."""

from odoo.tools import SQL, formatLang

from ...engine.prediction.words import Words
from .rights import may_read_model

# Where having no value means that it never happened.
SINCE = frozenset({"interaction.days_since", "interaction.days_since_in", "customer.days_since_order"})


class ReaderWords(Words):
    """The words of the reader's language; levels that are ids or keys have the names people know them by."""

    def __init__(self, env, model, readings):
        self.env = env
        by_name = {reading.name: reading for reading in readings}
        self.names = {
            bins.feature.name: level_names(env, by_name[bins.feature.name], bins.levels)
            for bins in model.bins
            if bins.levels and bins.feature.name in by_name and bins.feature.kind in ("category", "tags")
        }

    def number(self, value):
        digits = len(f"{value:.15g}".partition(".")[2])
        return formatLang(self.env, value, digits=digits)

    def level(self, feature, level):
        names = self.names.get(feature)
        return level if names is None else names.get(level) or self.env._("(deleted)")

    def empty(self, feature):
        return self.env._("(never)") if feature in SINCE else self.env._("(empty)")

    def other(self):
        return self.env._("(other)")

    def yes(self):
        return self.env._("yes")

    def no(self):
        return self.env._("no")

    def without(self, tag):
        return self.env._("without %(tag)s", tag=tag)

    def both(self, first, second):
        return self.env._("%(first)s, %(second)s", first=first, second=second)

    def any(self):
        return self.env._("any")

    def up_to(self, high):
        return self.env._("up to %(high)s", high=high)

    def over(self, low):
        return self.env._("over %(low)s", low=low)

    def at_least(self, low):
        return self.env._("%(low)s or more", low=low)

    def between(self, low, high):
        return self.env._("%(low)s to %(high)s", low=low, high=high)


def level_names(env, reading, levels):
    """``{level: name}`` of the values of one feature, None where values are their own names."""
    if reading.origin == "property":
        return _property_names(env, reading, levels)
    if reading.origin == "stage":
        return _record_names(env, "crm.stage", levels)
    field = reading.host_field(env)
    if field is None:
        return None
    if field.type == "selection":
        return {str(key): label for key, label in field._description_selection(env)}
    return _record_names(env, field.comodel_name, levels) if field.comodel_name in env else None


def _record_names(env, model_name, levels):
    if not may_read_model(env, model_name):
        return {}
    ids = [int(level) for level in levels if level.isdigit()]
    # sudo: names of values, such as sources and countries, for the people who manage predictions or read the lead.
    return {str(record.id): record.display_name for record in env[model_name].sudo().browse(ids).exists()}


def _property_names(env, reading, levels):
    """The values of a property, from the definitions of all sales teams."""
    rows = env.execute_query(
        SQL(
            """SELECT item FROM crm_team, jsonb_array_elements(lead_properties_definition) item
                WHERE jsonb_typeof(lead_properties_definition) = 'array' AND item ->> 'name' = %s""",
            reading.name.split(".", 1)[1],
        )
    )
    names = {}
    for (item,) in rows:
        names |= {option[0]: option[1] for option in item.get("selection") or item.get("tags") or ()}
        if item.get("comodel") in env:
            names |= _record_names(env, item["comodel"], levels)
    return names or None


def shapes(model, vocabulary, name):
    """What was learned, strongest first: ``{"feature", "label", "strength", "ranges", "bins": [{"label", "points",
    "leads"}]}``; the first ``ranges`` bins of a number follow one another. ``vocabulary`` is the model's, ``name``
    gives a feature's label."""
    ordered = {bins.feature.name: bins.ordered for bins in model.bins}
    found = {
        key: {"feature": key, "label": name(key), "strength": round(size, 6), "ranges": 0, "bins": []}
        for key, size in model.strengths().items()
    }
    for term, (key, bins) in zip(model.terms, vocabulary, strict=True):
        found[key]["ranges"] = sum(map(bool, term.counts[: ordered.get(key, 0)]))
        rows = zip(bins, term.counts, strict=True)
        found[key]["bins"] += [
            {"label": label, "points": points, "leads": leads}
            for place, ((label, points), leads) in enumerate(rows)
            if leads and (place or term.level is None)  # not having a tag says no more than having it
        ]
    return list(found.values())
