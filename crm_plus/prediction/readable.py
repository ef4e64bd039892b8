"""Names for people: what the bins of a trained model are called, and its shapes as plain data."""

from dataclasses import replace

from ..engine.leads.binning import MISSING, OTHER
from ..engine.leads.explain import vocabulary


def level_names(env, feature, levels):
    """``{level: name}`` of the values of one feature; a record that has gone keeps its number."""
    field = feature._host_field() if feature.origin in ("lead", "partner") else None
    if field is None:
        return {}
    if field.type == "selection":
        return {str(key): label for key, label in field._description_selection(env)}
    if not field.comodel_name or field.comodel_name not in env:
        return {}
    ids = [int(level) for level in levels if level.isdigit()]
    # sudo: names of values, such as sources and countries, for the people who manage predictions or read the lead.
    return {str(record.id): record.display_name for record in env[field.comodel_name].sudo().browse(ids).exists()}


def renamed(env, model, features):
    """The same model with readable levels; its labels are those people read."""
    by_name = {feature.name: feature for feature in features}
    names = {
        bins.feature.name: level_names(env, by_name[bins.feature.name], bins.levels)
        for bins in model.bins
        if bins.levels and bins.feature.name in by_name and bins.feature.kind in ("category", "tags")
    }

    def name(feature, level):
        return names.get(feature, {}).get(level, level)

    bins = tuple(replace(b, levels=tuple(name(b.feature.name, level) for level in b.levels)) for b in model.bins)
    terms = tuple(
        replace(term, level=name(term.features[0], term.level)) if term.level is not None else term
        for term in model.terms
    )
    return replace(model, bins=bins, terms=terms)


def words(env, model, features):
    """The model's vocabulary for people: ``[[term, [[label, points] of each bin]]]``."""
    plain = {MISSING: env._("(empty)"), OTHER: env._("(other)"), "yes": env._("yes"), "no": env._("no")}
    told = vocabulary(renamed(env, model, features))
    return [[name, [[plain.get(label, label), points] for label, points in bins]] for name, bins in told]


def shapes(model, told):
    """What was learnt, strongest first: ``{"feature", "strength", "bins": [{"label", "points", "leads"}]}``."""
    found = {
        name: {"feature": name, "strength": round(size, 6), "bins": []} for name, size in model.strengths().items()
    }
    for term, (name, bins) in zip(model.terms, told, strict=True):
        rows = zip(bins, term.counts, strict=True)
        found[name]["bins"] += [
            {"label": label, "points": points, "leads": leads}
            for place, ((label, points), leads) in enumerate(rows)
            if leads and (place or term.level is None)  # not having a tag is told by having it
        ]
    return list(found.values())
