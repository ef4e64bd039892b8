"""Where the customer, the responsible, the company and the lead of the host's documents are."""

# what the host masks for everyone but the participants: private itself, or by the organizer's default
PRIVATE_EVENT = [
    "|", ("privacy", "=", "private"),
    "&", ("privacy", "=", False), ("user_id.res_users_settings_ids.calendar_default_privacy", "=", "private"),
]  # fmt: skip
GENERIC = {"partner": "partner_id", "owner": "user_id", "company": "company_id"}
DOCUMENT_PATHS = {
    "res.partner": {"partner": "id"},
    "crm.lead": {**GENERIC, "lead": "id"},
    "sale.order": {**GENERIC, "lead": "opportunity_id"},
    # no vendor bills, no journal entries (salaries)
    "account.move": {
        **GENERIC,
        "owner": "invoice_user_id",
        "domain": [("move_type", "in", ["out_invoice", "out_refund", "out_receipt"])],
    },
    # salespeople do not read payments: theirs is what they registered
    "account.payment": {
        **GENERIC,
        "owner": "create_uid",
        "domain": [("partner_type", "=", "customer")],
    },
    # an invitation says as much as the meeting
    "calendar.event": {"lead": "opportunity_id", "domain": ["!", *PRIVATE_EVENT]},
    # projects whose tasks every employee sees; tasks outside of projects are private
    "project.task": {**GENERIC, "domain": [("project_id.privacy_visibility", "in", ["employees", "portal"])]},
    "stock.picking": {
        **GENERIC,
        "owner": "sale_id.user_id",
        "domain": [("location_dest_id.usage", "=", "customer")],
    },
    "helpdesk.ticket": GENERIC,
    "event.registration": GENERIC,
    "repair.order": GENERIC,
    "pos.order": GENERIC,
}
