"""Which fields predictions use by default, how each is read, and why some are left out."""

from .rights import is_secret

KIND_OF_TYPE = {
    "many2one": "category",
    "selection": "category",
    "boolean": "boolean",
    "integer": "numeric",
    "float": "numeric",
    "monetary": "numeric",
    "date": "numeric",
    "datetime": "numeric",
    "char": "text",
    "text": "presence",
    "html": "presence",
    "many2many": "tags",
    "tags": "tags",
}
# What says how a lead ended. Stored fields computed from these are left out as well.
OUTCOME = frozenset(
    {"stage_id", "probability", "automated_probability", "won_status", "date_closed", "lost_reason_id", "active"}
)
# What changes while a lead is worked on, most of all when it is about to be closed.
WORK = frozenset(
    {
        "date_deadline", "date_open", "day_open", "date_conversion", "date_automation_last", "user_id", "rotting_days",
        "type",  # only promising leads are made opportunities
        "iap_enrich_done", "reveal_id",  # looked up by a scheduled action of the host, for leads that are still open
    }
)  # fmt: skip
# Not about the lead at all, or seen through another field.
TECHNICAL = frozenset(
    {
        "id", "create_uid", "create_date", "write_uid", "write_date", "company_id", "partner_id", "color", "email_cc",
        "email_normalized", "phone_sanitized", "message_bounce", "message_main_attachment_id", "email_domain_criterion",
    }
)  # fmt: skip
# Texts that name one person or place: only whether they are filled can say anything.
UNIQUE_TEXTS = frozenset(
    {"name", "contact_name", "partner_name", "email_from", "phone", "street", "street2", "zip", "website", "referred"}
)
# Fields of the customer to begin with; a company's own (manual) fields join them.
PARTNER = ("industry_id", "is_company", "lang", "country_id", "category_id")
# Who somebody is rather than what they want (see `engine.prediction.fairness`).
SENSITIVE = frozenset({"country_id", "state_id", "lang_id", "lang", "city", "function"})
# Their dates follow the outcome; the customer's history has the purchases instead.
NO_CONVERSATION = ("lead", "order", "invoice", "payment", "delivery", "store")
# What a salesperson can find out and note on a lead; a company's own fields and properties join them.
FILLABLE = frozenset(
    {
        "contact_name", "partner_name", "email_from", "email_state", "phone", "phone_state", "website", "street",
        "description", "source_id", "medium_id", "campaign_id",
    }
)  # fmt: skip
# What tells whether another field is right.
QUALITY = {"email_state": "email_from", "phone_state": "phone"}
GOOD = "correct"
# How a salesperson can get in touch, and what says how long ago somebody did.
CONTACT = frozenset({"email", "phone", "meeting", "visit", "chat", "sms", "message", "social"})
LAST_CONTACT = "interaction.days_since"
CUSTOMER = ("orders", "revenue", "days_since_order", "won_leads", "lost_leads")


def is_readable(field) -> bool:
    """Whether a field of the host can be a feature: stored in a column of its own, the same for every language."""
    if field.type not in KIND_OF_TYPE or not field.store or field.company_dependent or is_secret(field):
        return False
    return field.type == "many2many" or (bool(field.column_type) and not field.translate)


def kind_of(field) -> str:
    """How a field is read unless somebody chooses otherwise."""
    return "presence" if field.name in UNIQUE_TEXTS else KIND_OF_TYPE.get(field.type, "presence")


def can_be_advised(name, origin, kind) -> bool:
    """Whether people can fill a feature in or bring it about: fields of the lead, and getting in touch."""
    if origin == "interaction":
        return name.endswith(".out")
    return origin in ("lead", "property") and kind not in ("boolean", "tags")


def is_advised(name, origin, kind, manual) -> bool:
    """Whether salespeople are advised to, unless somebody chooses otherwise."""
    if not can_be_advised(name, origin, kind):
        return False
    if origin == "interaction":
        return name.split(".")[1] in CONTACT
    return origin == "property" or manual or name in FILLABLE


def reason_to_leave_out(registry, field) -> str | None:
    """ "outcome", "work" or None for a field of the lead."""
    if field.name in OUTCOME or _follows(registry, field, set()):
        return "outcome"
    return "work" if field.name in WORK else None


def _follows(registry, field, seen) -> bool:
    """Whether a field is computed from what says how the lead ended."""
    seen.add(field.name)
    for path in registry.field_depends.get(field, ()):
        name = path.split(".")[0]
        source = registry[field.model_name]._fields.get(name)
        if name in OUTCOME or (source is not None and name not in seen and _follows(registry, source, seen)):
            return True
    return False
