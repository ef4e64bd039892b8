"""Leads as records of the host, put into the table at once."""

import io
import re

import numpy as np

from benchmarks.leads_data import Leads
from crm_plus.engine.prediction.features import guess_features

# The fields the host predicts from out of the box.
SHIPPED = ("phone_state", "email_state", "state_id", "country_id", "source_id", "lang_id", "tag_ids")
# Words in the name of a column that tell which of these fields it fills.
WORDS = (("country_id", "country"), ("source_id", "source"), ("state_id", "city"), ("state_id", "state"))
STATES = (("email_state", "email"), ("phone_state", "call"), ("phone_state", "phone"))
# Closed leads have lived for two weeks: what is closed as it is put in tells nothing of open ones. Open ones are new.
CREATED_ON, CLOSED_ON, CLOSED_BEFORE = "2024-02-16", "2024-03-01", "2024-06-01"
CREATED_LATER, CLOSED_LATER = "2024-08-18", "2024-09-01"
MOST_BINS = 10


def make_fields(env, leads: Leads) -> dict[str, tuple[str, str, str]]:
    """``{column: (field, its binned twin, type)}``; fields of an earlier run are used again."""
    fields, missing = {}, []
    for place, feature in enumerate(guess_features(leads.columns)):
        kind = "float" if feature.kind == "numeric" else "char"
        fields[feature.name] = (f"x_bench_{kind}_{place}", f"x_bench_bin_{place}", kind)
        missing += [(fields[feature.name][0], feature.name, kind), (fields[feature.name][1], feature.name, "char")]
    model = env["ir.model"]._get("crm.lead")
    env["ir.model.fields"].create(
        [
            {"model_id": model.id, "name": name, "field_description": f"{label} ({name})", "ttype": kind}
            for name, label, kind in missing
            if name not in env["crm.lead"]._fields
        ]
    )
    env["crm.score.feature"]._find()
    ours = env["crm.score.feature"].search([("name", "=like", "x\\_bench\\_%")])
    ours.trusted = True  # everybody uses the same columns; suspicious ones were named before
    ours.filtered(lambda feature: feature.name.startswith("x_bench_bin_")).barred = True  # once is enough for us
    return fields


def all_fields(fields) -> tuple[str, ...]:
    """What the host is given when it may use every column: each once, since it would count the same thing twice."""
    return tuple(twin for _name, twin, _kind in fields.values())


def clear(env) -> None:
    """No leads, no versions."""
    env.cr.execute("TRUNCATE crm_lead CASCADE")
    env.cr.execute("DELETE FROM crm_score_model")
    env.registry.clear_cache()
    env.invalidate_all()


def load(env, leads: Leads, fields, closed: np.ndarray, opened: np.ndarray) -> list[int]:
    """Insert the closed leads, then the open ones; the ids of the latter."""
    columns = _shipped_columns(env, leads)
    for name, (field, twin, kind) in fields.items():
        values = leads.columns[name]
        columns[field] = values if kind == "float" else [None if value is None else str(value) for value in values]
        columns[twin] = _binned(values, kind)
    stages = env["crm.stage"].search([], order="sequence, id")
    stage = {True: stages.filtered("is_won")[:1].id, False: stages.filtered(lambda stage: not stage.is_won)[:1].id}
    rows = io.StringIO()
    for place in [*np.flatnonzero(closed), *np.flatnonzero(opened)]:
        rows.write("\t".join(map(_text, [*_status(env, leads, place, closed, stage), *_row(columns, place)])) + "\n")
    rows.seek(0)
    names = ", ".join(f'"{name}"' for name in [*STATUS, *columns])
    env.cr._obj.copy_expert(f"COPY crm_lead ({names}) FROM STDIN", rows)
    env.cr.execute("ANALYZE crm_lead")
    env.invalidate_all()
    env.cr.execute("SELECT id FROM crm_lead WHERE won_status = 'pending' ORDER BY id")
    return [row[0] for row in env.cr.fetchall()]


STATUS = (
    "name", "type", "priority", "company_id", "active", "stage_id", "probability", "automated_probability",
    "won_status", "create_date", "date_closed",
)  # fmt: skip


def _status(env, leads: Leads, place, closed, stage) -> list:
    fixed = ["Lead of the benchmark", "opportunity", "0", env.company.id]
    if not closed[place]:
        return [*fixed, True, stage[False], 0, 0, "pending", env.cr.now().isoformat(), None]
    won = bool(leads.won[place])
    chance = 100 if won else 0
    return [*fixed, won, stage[won], chance, chance, "won" if won else "lost", CREATED_ON, CLOSED_ON]


def close_held_out(env, lead_ids, won: np.ndarray) -> None:
    """Tell the outcome of the held-out leads: closed later than those to learn from."""
    stage = env["crm.stage"].search([("is_won", "=", True)], limit=1)
    env.cr.execute(
        """UPDATE crm_lead l SET won_status = CASE WHEN o.won THEN 'won' ELSE 'lost' END, active = o.won,
                  stage_id = CASE WHEN o.won THEN %s ELSE l.stage_id END, create_date = %s, date_closed = %s,
                  probability = CASE WHEN o.won THEN 100 ELSE 0 END
             FROM unnest(%s::int[], %s::bool[]) AS o (id, won) WHERE o.id = l.id""",
        [stage.id, CREATED_LATER, CLOSED_LATER, lead_ids, (won > 0).tolist()],
    )
    env.invalidate_all()


def close_later(env, leads: int) -> None:
    """The newest closed leads were closed later than the others."""
    env.cr.execute(
        """UPDATE crm_lead SET create_date = %s, date_closed = %s WHERE id IN (
                SELECT id FROM crm_lead WHERE won_status != 'pending' ORDER BY id DESC LIMIT %s)""",
        [CREATED_LATER, CLOSED_LATER, leads],
    )


def _row(columns, place) -> list:
    return [values[place] for values in columns.values()]


def _text(value) -> str:
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ")


def _binned(values, kind) -> list:
    """At most ten bins of about the same number of leads; texts as they are."""
    if kind == "char":
        return [None if value is None else str(value) for value in values]
    numbers = np.array(values, dtype=float)
    cuts = np.unique(np.nanquantile(numbers, np.linspace(0, 1, MOST_BINS + 1)[1:-1]))
    codes = np.searchsorted(cuts, numbers)
    return [None if np.isnan(number) else f"bin {code}" for number, code in zip(numbers, codes, strict=True)]


def _shipped_columns(env, leads: Leads) -> dict[str, list]:
    """The host's own fields, from the columns whose name says so."""
    found = {}
    for field, word in WORDS:
        name = _column_about(leads, word)
        if name and field not in found:
            found[field] = _records(env, field, leads.columns[name])
    for field, word in STATES:
        name = _column_about(leads, word)
        if name and field not in found:
            found[field] = [_state(name, value) for value in leads.columns[name]]
    return found


def _column_about(leads: Leads, word: str) -> str | None:
    """The first column with a word in its name."""
    return next((name for name in leads.columns if word in re.findall("[a-z]+", name.lower())), None)


def _state(column: str, value) -> str | None:
    """Whether an address or number may be used; a column “do not email” says which may not."""
    if "not" in re.findall("[a-z]+", column.lower()):
        return "incorrect" if str(value).lower() in {"yes", "true", "1", "1.0"} else "correct"
    return None if value is None else "correct"


def _records(env, field, values) -> list:
    """One record of the host a value, made when it is not there."""
    model = env[env["crm.lead"]._fields[field].comodel_name]
    ids = {None: None}
    for value in sorted({str(value) for value in values if value is not None}):
        record = model.search([("name", "=", value)], limit=1)
        if not record and field == "country_id":
            continue
        extra = {"country_id": env.ref("base.in").id, "code": f"bench {value}"} if field == "state_id" else {}
        ids[value] = (record or model.create({"name": value, **extra})).id
    return [ids.get(None if value is None else str(value)) for value in values]
