"""Who may mail audiences; see ``expectations.py`` of CRM Plus, whose world does not know marketing people."""

NOBODY = ""

RIGHTS = {
    "crm.mailing.holdout": (NOBODY, NOBODY, NOBODY, NOBODY),
    "crm.mailing.preview": (NOBODY, NOBODY, NOBODY, NOBODY),
}
METHODS = {("mailing.mailing", "action_crm_preview"): NOBODY} | {
    (model, method): NOBODY
    for model in ("crm.audience", "crm.customer.profile", "crm.segment", "crm.tier")
    for method in ("action_add_to_mailing_list", "action_mail")
}
# Administrators read mailings by the host's own access rights.
FIELDS = {
    "mailing.list": {"system": "crm_audience_id crm_audience_note"},
    "mailing.mailing": {
        "system": "crm_audience_id crm_audience_note crm_holdout_percent crm_segment_id crm_tier_id crm_within_limits",
        NOBODY: "crm_result_text",
    },
    "mailing.subscription": {"system": "crm_followed"},
}


def make_world(world):
    """The preview of a mailing of each company, in the dialog of somebody else."""
    for zone in ("alfa", "beta"):
        mailing = world.env["mailing.mailing"].create({"subject": world.marks[zone].word(), "body_html": "<p/>"})
        partner = world.of("res.partner", "beta" if zone == "beta" else "own")[:1]
        world.make(zone, "crm.mailing.preview", mailing_id=mailing.id, partner_id=partner.id)
        world.make(zone, "crm.mailing.holdout", mailing_id=mailing.id, partner_id=partner.id, held_out=True,
                   company_id=world.companies[zone].id, date_assigned="2024-05-05 05:05:05")  # fmt: skip


def add_dialogs(case):
    """The preview of a mailing; who mails reads all mailings."""
    marketer = case.new_user("access_marketer", "mass_mailing.group_mass_mailing_user")
    mailing = case.env["mailing.mailing"].create({"subject": "News", "body_html": "<p/>"})
    case.dialogs["crm.mailing.preview"] = (marketer, {"mailing_id": mailing.id, "partner_id": case.customer.id})
    case.hidden["mailing.mailing"] = None
