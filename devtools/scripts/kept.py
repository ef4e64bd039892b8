"""What a company does not want to lose, as plain values: read in Odoo's shell before an upgrade and after it.

Names of fields are those of 19.0.1.0.0; `NOW` has those that are called otherwise today.
"""

from devtools.scripts import former

NOW: dict[tuple[str, str], str] = {}

# model -> (the fields that tell which record it is, the fields that stay as they were)
SAME = {
    "crm.interaction.channel": (["code"], ["name", "icon", "active", "is_contact"]),
    "crm.interaction.source": (["code"], ["name", "kind", "active", "backfill_done", "backfill_next_id"]),
    "crm.customer.profile": (
        ["partner_id", "company_id"],
        [
            "order_count", "revenue", "segment_id", "segment_since", "tier_id", "tier_since", "tier_until", "clv",
            "cluster_id",
        ],
    ),
    "crm.segment": (["id"], ["name", "code", "family_id", "kind", "state", "domain", "color"]),
    "crm.segment.family": (["id"], ["name", "kind"]),
    "crm.segment.region": (["id"], ["segment_id", "r_min", "r_max", "f_min", "f_max", "m_min", "m_max"]),
    "crm.segment.membership": (
        ["id"], ["profile_id", "segment_id", "date_from", "date_to", "reason", "score", "shadow", "enter_pending"],
    ),
    "crm.tier": (["id"], ["name", "rule", "threshold", "top_percent", "grace_days", "basis"]),
    "crm.tier.stay": (["id"], ["profile_id", "tier_id", "date_from", "date_to", "reason", "enter_pending"]),
    "crm.tier.override": (["id"], ["partner_id", "tier_id", "reason", "date_to"]),
    "crm.score.rule": (
        ["id"],
        ["name", "state", "kind", "points", "domain", "direction", "half_life_days", "cap", "group_id", "channel_ids"],
    ),
    "crm.score.group": (["id"], ["name", "axis", "cap"]),
    "crm.score.model": (["id"], ["company_id", "team_id", "version", "state", "trained_on", "auc", "brier"]),
    "crm.score.feature": (["id"], ["name", "trusted", "advised", "sensitive"]),
    "crm.purchase.model": (["id"], ["company_id", "version", "kind", "state", "parameters", "check_from"]),
    "crm.customer.cluster": (["id"], ["company_id", "code", "name", "color", "active"]),
    "crm.product.affinity": (["id"], ["product_id", "related_product_id", "together", "lift"]),
    "crm.lead.score": (
        ["lead_id"],
        ["fit_score", "engagement_score", "lead_score", "lead_grade", "win_probability", "hot_date"],
    ),
    "crm.lead.score.history": (["lead_id", "date"], ["lead_score", "lead_grade", "win_probability"]),
}  # fmt: skip
# What came with the add-on follows its version, except what the year of data has changed.
SHIPS = (
    "crm.interaction.channel", "crm.interaction.source", "crm.segment", "crm.segment.family", "crm.segment.region",
    "crm.tier", "crm.score.rule", "crm.score.group",
)  # fmt: skip
CHANGED = ("score_rule_email", "crm_segment_new")
SETTINGS = [
    "crm_plus_revenue_basis", "crm_plus_rfm_mode", "crm_plus_recency_cuts", "crm_plus_frequency_cuts",
    "crm_plus_monetary_cuts", "crm_plus_margin", "crm_plus_minimum_stay", "crm_plus_tier_months",
    "crm_plus_fit_weight", "crm_plus_fit_cuts", "crm_plus_engagement_cuts", "crm_plus_hot_score",
    "crm_plus_hot_activity_type_id", "crm_plus_history_months", "crm_plus_use_prediction",
]  # fmt: skip
# How far scheduled actions have come; purchase models predict anew after an upgrade, as churn risk has a new meaning.
PROGRESS = ["crm_plus_profile_date", "crm_plus_score_date"]
BY_HAND = [
    "name", "note", "date", "outcome", "user_id", "channel_id", "partner_id", "lead_id", "company_id", "is_private",
]  # fmt: skip
# The records of the host; its messages are counted where they are about such records.
HOST = ("res.partner", "res.users", "crm.lead", "sale.order", "sale.order.line", "calendar.event", "mail.message")


def remember(env) -> dict:
    """``{what: {which: {field: value}}}``, texts and numbers only."""
    env = env(context={**env.context, "active_test": False, "lang": None})
    found = {model: _rows(env[model], key, names) for model, (key, names) in SAME.items()}
    interactions = env["crm.interaction"].search([])
    by_hand = interactions.filtered(lambda row: row.source_id.kind == "manual")
    found["interaction"] = {_key(row): {} for row in interactions}
    found["entry"] = {str(row.id): _values(row, BY_HAND) for row in by_hand}
    companies = env["res.company"].search([])
    found["setting"] = {str(company.id): _values(company, SETTINGS) for company in companies}
    found["progress"] = {str(company.id): _values(company, PROGRESS) for company in companies}
    found["member"] = {
        user.login: {"groups": sorted(user.group_ids.mapped("full_name"))} for user in env["res.users"].search([])
    }
    found["host"] = of_host(env)
    found["former"] = former.counted(env)
    return found


def of_host(env) -> dict:
    """``{model: {"count": how many}}`` of the host's records."""
    env = env(context={**env.context, "active_test": False})
    about = {"mail.message": [("model", "in", HOST)]}
    return {model: {"count": env[model].search_count(about.get(model, []))} for model in HOST}


def _key(row):
    """Which record an interaction came from: ids of sources are others after an installation."""
    return f"{row.source_id.code} {row.res_id or row.external_ref} {row.occurrence} {row.partner_id.id}"


def _rows(model, key, names):
    # A source that follows its version reads its history again.
    shipped = _untouched(model) if model._name in SHIPS else ()
    return {
        str(list(_values(row, key).values())): _values(row, () if row.id in shipped else names)
        for row in model.search([])
    }


def _untouched(model):
    """Ids of the records that came with the add-on, and of their lines, and that nobody has changed."""
    if model._name == "crm.segment.region":
        untouched = _untouched(model.env["crm.segment"])
        return {region.id for region in model.search([]) if region.segment_id.id in untouched}
    known = model.env["ir.model.data"].search([("module", "=", "crm_plus"), ("model", "=", model._name)])
    return {data.res_id for data in known if data.name not in CHANGED}


def _values(record, names):
    return {name: _plain(record[NOW.get((record._name, name), name)]) for name in names}


def _plain(value):
    if hasattr(value, "_ids"):
        return value.ids if len(value) != 1 else value.id
    return round(value, 4) if isinstance(value, float) else value if isinstance(value, int | dict) else str(value or "")
