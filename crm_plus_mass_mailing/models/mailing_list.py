from odoo import api, fields, models
from odoo.addons.crm_plus.services.sql import ADD_UP_ALL
from odoo.fields import Domain
from odoo.tools import SQL

# Contacts of a list that one step adds or takes out: some seconds of work.
BATCH = 5_000


class MailingList(models.Model):
    _name = "mailing.list"
    _inherit = ["mailing.list", "crm.job.mixin"]

    crm_audience_id = fields.Many2one(
        "crm.audience", "Follows the audience", ondelete="restrict", index="btree_not_null",
        help="Its members are put on the list and taken off by a scheduled action. Who has unsubscribed stays so.",
    )  # fmt: skip
    crm_audience_note = fields.Text("Who is on it", compute="_compute_crm_audience_note")

    @api.depends("crm_audience_id")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_crm_audience_note(self):
        for record in self:
            readable = record.crm_audience_id._if_readable()
            record.crm_audience_note = bool(readable) and record._crm_audience_told()

    def _crm_audience_told(self):
        """How many are put on it, and whom it leaves out and why."""
        # sudo: whom the conditions of the audience find with the rights of their author, whoever keeps the list
        audience = self.crm_audience_id.sudo()
        found = audience._recipients()
        left_out = audience._left_out(found)
        count = len(found) - sum(map(len, left_out.values()))
        lines = [self.env._("%(count)s of %(all)s are put on the list.", count=count, all=len(found))]
        lines += [f"{why}: {len(records)}" for why, records in left_out.items() if records]
        return "\n".join(lines)

    @api.model_create_multi
    def create(self, vals_list):
        lists = super().create(vals_list)
        lists.crm_audience_id._check_chosen()
        lists.filtered("crm_audience_id")._crm_wake()
        return lists

    def write(self, vals):
        result = super().write(vals)
        if vals.get("crm_audience_id"):
            self.crm_audience_id._check_chosen()
            self._crm_wake()
        return result

    def _crm_wake(self):
        """Have the scheduled action run soon."""
        # sudo: what is scheduled anyway runs sooner
        if cron := self.env.ref("crm_plus_mass_mailing.ir_cron_follow_audiences", raise_if_not_found=False):
            cron.sudo()._trigger()

    # ------------------------------------------------------------------ scheduled action

    @api.model
    def _cron_follow_audiences(self):
        """Put the members of audiences on the lists that follow them, and take off who is one no more."""
        self._in_steps(self.search([("crm_audience_id", "!=", False)]), type(self)._crm_follow)

    def _crm_follow(self):
        """The next step of a list; False as long as there is more to do. Another worker's list is left to it."""
        if not self.try_lock_for_update():
            return True
        missing, gone = self._crm_differing()
        self._crm_put({record.email_normalized: record for record in missing}, followed=True)
        gone.unlink()
        return len(missing) < BATCH and len(gone) < BATCH

    def _crm_differing(self):
        """(recipients of the audience who are to be put on the list, subscriptions that are to leave it), at most
        `BATCH` each: without who opted out of everything. An audience of any size is compared in the database."""
        # sudo: found with the rights of the author of the conditions
        audience = self.crm_audience_id.sudo()
        recipients = self.env["crm.lead" if audience.kind == "lead" else "res.partner"].sudo()
        wanted = audience._recipients_sql()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """%(add_up)s
                   WITH w AS MATERIALIZED (
                            SELECT r.id, r.email_normalized FROM (%(wanted)s) a (id) JOIN %(table)s r ON r.id = a.id
                             WHERE r.email_normalized <> '' AND NOT EXISTS (
                                   SELECT FROM mail_blacklist b WHERE b.active AND b.email = r.email_normalized)),
                        p AS MATERIALIZED (
                            SELECT s.id, s.crm_followed AND s.opt_out IS NOT TRUE AS follows, c.email_normalized
                              FROM mailing_subscription s JOIN mailing_contact c ON c.id = s.contact_id
                             WHERE s.list_id = %(list)s)
                   (SELECT TRUE, id FROM w WHERE NOT EXISTS (
                           SELECT FROM p WHERE p.email_normalized = w.email_normalized) ORDER BY id LIMIT %(limit)s)
                    UNION ALL
                   (SELECT FALSE, id FROM p WHERE follows AND NOT EXISTS (
                           SELECT FROM w WHERE w.email_normalized = p.email_normalized) ORDER BY id LIMIT %(limit)s)""",
                add_up=ADD_UP_ALL,
                wanted=wanted,
                table=SQL.identifier(recipients._table),
                list=self.id,
                limit=BATCH,
            )
        )
        gone = self.env["mailing.subscription"].browse(record_id for is_missing, record_id in rows if not is_missing)
        return recipients.browse(record_id for is_missing, record_id in rows if is_missing), gone

    def _crm_put(self, wanted, followed=False):
        """Put these recipients (by address) on the list: as the contact of that address, or a new one. Who was on it
        before, or has unsubscribed, stays as they are."""
        contacts = self.env["mailing.contact"]
        known = contacts.search([("email_normalized", "in", list(wanted))], order="id desc")
        by_address = {contact.email_normalized: contact for contact in known}
        missing = [email for email in wanted if email not in by_address]
        for contact in contacts.create([self._crm_contact_values(wanted[email]) for email in missing]):
            by_address[contact.email_normalized] = contact
        of_list = Domain("list_id", "=", self.id) & Domain("contact_id.email_normalized", "in", list(wanted))
        taken = set(self.env["mailing.subscription"].search(of_list).contact_id.mapped("email_normalized"))
        self.env["mailing.subscription"].create(
            [
                {"list_id": self.id, "contact_id": by_address[email].id, "crm_followed": followed}
                for email in wanted
                if email not in taken
            ]
        )
        self.invalidate_recordset(["subscription_ids", "contact_ids"])

    def _crm_contact_values(self, record):
        """Of a new contact of the list: who it is, from a customer or a lead."""
        if record._name == "crm.lead":
            return {"name": record.contact_name or record.partner_name or record.name, "email": record.email_from,
                    "company_name": record.partner_name, "country_id": record.country_id.id}  # fmt: skip
        return {"name": record.name, "email": record.email, "company_name": record.commercial_company_name,
                "country_id": record.country_id.id}  # fmt: skip
