import ast

from odoo import api, fields, models
from odoo.addons.crm_plus.services.customer.amounts import HIDDEN
from odoo.addons.crm_plus.services.definer import asked_by
from odoo.addons.crm_plus.services.years import check_years
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import plaintext2html
from odoo.tools.misc import format_date

from ...services.followup.personal import names_amounts
from .crm_followup_event import CONTACTS, KINDS

# The field that a step of a kind cannot do without, and the field of that one that says for which documents it is.
NEEDED = {
    "activity": "activity_type_id", "plan": "plan_id", "email": "template_id", "action": "action_id",
    "price": "pricelist_id",
}  # fmt: skip
DOCUMENTS = {
    "template_id": "model", "plan_id": "res_model", "activity_type_id": "res_model", "action_id": "model_name",
    "sms_template_id": "model",
}  # fmt: skip
DATES = ("date", "datetime")
# Emails with documents that one transaction sends: some ten seconds of work.
WITH_DOCUMENT = 20


class CrmFollowupStep(models.Model):
    """One step of a rule: what is done, and how many days after the one before."""

    _name = "crm.followup.step"
    _inherit = ["crm.condition.mixin", "crm.readable.mixin"]
    _description = "Follow-up step"
    _order = "rule_id, sequence, id"

    rule_id = fields.Many2one("crm.followup.rule", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="rule_id.company_id", store=True)
    model_name = fields.Char(related="rule_id.model_name", string="Model")
    name = fields.Char(compute="_compute_name")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, "What", required=True, default="activity")
    delay_days = fields.Integer("After (days)", help="Days after the step before, or after the beginning.")

    activity_type_id = fields.Many2one("mail.activity.type", "Activity", ondelete="restrict")
    summary = fields.Char(translate=True)
    note = fields.Text("What to do", translate=True)
    user_id = fields.Many2one(
        "res.users", "Assigned to", domain="[('share', '=', False)]",
        help="Empty: the salesperson, else the one responsible for the rule.",
    )  # fmt: skip
    plan_id = fields.Many2one("mail.activity.plan", "Activity plan", ondelete="restrict")
    template_id = fields.Many2one("mail.template", "Email template", ondelete="restrict")
    tag_id = fields.Many2one("res.partner.category", ondelete="restrict")
    lead_tag_id = fields.Many2one("crm.tag", "Lead tag", ondelete="restrict")
    action_id = fields.Many2one(
        "ir.actions.server", "Server action", groups="base.group_system", ondelete="restrict", copy=False,
        help="Runs as superuser, so administrators choose it.",
    )  # fmt: skip
    pricelist_id = fields.Many2one(
        "product.pricelist", ondelete="restrict",
        help="Set on customers without a pricelist of their own, and taken away when they leave the audience.",
    )  # fmt: skip
    until_date = fields.Date("Until", help="The next step is taken on this day at the earliest.")
    until_field = fields.Char("Until the date in", help="A date of the customer or lead. Who has none goes on at once.")
    domain = fields.Char("Only if", default="[]", help="Who does not meet the conditions goes on with the other step.")
    else_step_id = fields.Many2one(
        "crm.followup.step", "Otherwise", ondelete="set null", domain="[('rule_id', '=', rule_id)]",
        help="A later step. Empty: it ends here.",
    )  # fmt: skip

    _delay_not_negative = models.Constraint(
        "CHECK (delay_days BETWEEN 0 AND 3650)", "After (days): must be between 0 and 3650."
    )

    @api.depends("kind", "activity_type_id", "template_id", "plan_id", "summary", "pricelist_id", "until_date")
    @api.depends_context("lang")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for step in self:
            what = step._about()
            label = kinds.get(step.kind, "")
            step.name = f"{label}: {what}" if what else label

    def _about(self):
        """What the step is about, in a word; intended to be extended."""
        if self.kind == "wait":
            return format_date(self.env, self.until_date) if self.until_date else ""
        if self.kind == "price":
            return self.pricelist_id.name
        return self.summary or self.template_id.name or self.plan_id.name or self.activity_type_id.name

    @api.constrains("domain", "kind")
    def _check_domain(self):
        for step in self.filtered(lambda step: step.kind == "branch"):
            try:
                step._check_definer(step.model_name, Domain(ast.literal_eval(step.domain or "[]")))
            except (ValueError, SyntaxError, TypeError, KeyError) as error:
                raise ValidationError(
                    self.env._("“%(name)s”: the conditions cannot be read: %(error)s", name=step.name, error=error)
                ) from error

    @api.constrains("else_step_id", "sequence")
    def _check_forward(self):
        for step in self.filtered("else_step_id"):
            if step.else_step_id not in step._later():
                raise ValidationError(self.env._("Otherwise: choose a later step of the same rule."))

    @api.constrains("until_date")
    def _check_until_date(self):
        check_years(self, "until_date")

    @api.constrains("kind", "until_field")
    def _check_until(self):
        for step in self.filtered("until_field"):
            model = self.env[step.model_name]
            field = model._fields.get(step.until_field)
            if field is None or field.type not in DATES or not model._has_field_access(field, "read"):
                raise ValidationError(self.env._("Until the date in: choose a date of the audience."))

    @api.constrains("kind", "template_id", "activity_type_id", "plan_id", "tag_id", "lead_tag_id", "pricelist_id")
    def _check_active_rule(self):
        self.filtered(lambda step: step.rule_id.state in ("active", "shadow"))._check_complete()

    def _check_complete(self):
        """Refuse steps that lack what they are about, or whose template is for other documents."""
        # sudo: whether there is a server action, and which model it is for.
        for step in self.sudo():
            name = step._needed()
            if not name:
                continue
            wanted, label = step[name], step._fields[name].get_description(self.env, ["string"])["string"]
            model = DOCUMENTS.get(name)
            if not wanted or (model and wanted[model] not in step._documents(name)):
                raise ValidationError(
                    self.env._("%(step)s: choose “%(field)s” for the documents of the audience.",
                               step=step.name, field=label)
                )  # fmt: skip

    def _documents(self, name):
        """Models that what the step is about, by this field, may be for."""
        found = {False, self.rule_id._address_model()}
        return found | {self.model_name} if name == "action_id" else found

    def _needed(self):
        """The field that the step cannot do without; intended to be extended."""
        if self.kind == "tag":
            return "lead_tag_id" if self.rule_id.kind == "lead" else "tag_id"
        return NEEDED.get(self.kind)

    # ------------------------------------------------------------------ taking it

    def _is_contact(self):
        """Whether somebody is in touch with the customer by it; intended to be extended."""
        return self.kind in CONTACTS

    def _is_direct(self):
        """Whether the customer hears of it at once, at any hour; intended to be extended."""
        return self.kind == "email"

    def _is_limited(self):
        """Whether the limits on contacts hold it back: activities they do not if the rule says so."""
        return self.rule_id.held_back != "messages" or self._is_direct()

    def _has_address(self, run):
        """Whether this step can reach whom the run is about; intended to be extended."""
        return self.kind != "email" or bool((run._contact() or run.lead_id).email_normalized)

    def _templates(self):
        """The email templates by which the step writes to customers; intended to be extended."""
        return self.template_id if self.kind == "email" else self.template_id.browse()

    def _at_once(self):
        """For how many runs one transaction takes it at most: a document for each of them is drawn in seconds."""
        # sudo: whether documents are attached, whoever may read the template
        return WITH_DOCUMENT if self.sudo()._templates().report_template_ids else None

    def _later(self):
        """The steps after this one."""
        steps = self.rule_id.step_ids.sorted(lambda step: (step.sequence, step.id))
        place = (self.sequence, self.id)
        return steps.filtered(lambda step: (step.sequence, step.id) > place)

    def _go_with_app(self):
        """Delete these steps, whose app is being uninstalled: who waits for one goes on with the next, and a rule that
        has no other rests. What a bridge says in ``ondelete`` of its kinds."""
        runs = self.env["crm.followup.run"].search([("step_id", "in", self.ids), ("state", "=", "open")])
        for step, waiting in runs.grouped("step_id").items():
            waiting._move_on((step._later() - self)[:1])
        rules = self.rule_id.filtered(lambda rule: rule.state in ("active", "shadow"))
        rules.filtered(lambda rule: rule.step_ids <= self).action_pause()
        self.unlink()

    def _take(self, runs):
        """Take this step for runs, and move them on."""
        self.ensure_one()
        if self.kind == "branch":
            met = self._meeting(runs)
            met._move_on(self._later()[:1])
            (runs - met)._move_on(self.else_step_id)
            return
        if self.kind == "wait":
            runs = self._waited(runs)
        else:
            if runs[:1].rule_id.state == "shadow":
                runs._tell(self.kind, lambda _run: self.name)
            else:
                getattr(self, f"_take_{self.kind}")(runs)
        runs._move_on(self._later()[:1])

    def _waited(self, runs):
        """Those of these runs whose day has come; the others wait for it."""
        if not self.until_date and not self.until_field:
            return runs
        today, dates = self.company_id._crm_plus_today(), self._dates(runs) if self.until_field else {}
        waiting = runs.browse()
        for run in runs:
            day = max(filter(None, (self.until_date, dates.get(run))), default=None)
            if day and day > today:
                run.write({"date_next": self.company_id._crm_plus_start_of_day(day), "note": False})
                waiting |= run
        return runs - waiting

    def _dates(self, runs):
        """``{run: the date of its customer or lead that is waited for}``."""
        # sudo: a date that the rule goes by, which is shown to nobody
        model, key = self.env[self.model_name].sudo(), "lead_id" if self.rule_id.kind == "lead" else "partner_id"
        column = "partner_id" if self.rule_id.kind == "customer" else "id"
        domain = Domain(column, "in", runs[key].ids)
        if self.rule_id.kind == "customer":
            domain &= Domain("company_id", "=", self.company_id.id)
        by_id = {
            (record.partner_id if column == "partner_id" else record).id: record for record in model.search(domain)
        }
        zone = self.company_id._crm_plus_tz()
        found = {}
        for run in runs:
            record = by_id.get(run[key].id)
            value = record and record[self.until_field]
            if value and model._fields[self.until_field].type == "datetime":
                value = fields.Datetime.context_timestamp(self.with_context(tz=zone), value).date()
            found[run] = value or None
        return found

    def _meeting(self, runs):
        """Those of these runs whose customer or lead meets the conditions."""
        domain = Domain(ast.literal_eval(self.domain or "[]"))
        # sudo: who the definer is; what they may read is asked with their rights.
        definer = self.sudo().definer_id.with_env(self.env)
        asked = asked_by(self.env[self.model_name].sudo(False), definer, self.company_id, domain)
        kind = self.rule_id.kind
        column, key = "partner_id" if kind == "customer" else "id", "lead_id" if kind == "lead" else "partner_id"
        mine = Domain(column, "in", runs[key].ids)
        if kind == "customer":
            mine &= Domain("company_id", "=", self.company_id.id)
        found = asked.search(mine & domain)
        ids = set((found.partner_id if kind == "customer" else found).ids)
        return runs.filtered(lambda run: run[key].id in ids)

    def _responsible(self, run):
        """Who is to do it: as the step says, else the salesperson, else who is responsible for the rule, or for the
        segment or tier whose customers it is for; nobody who has left."""
        candidates = (
            self.user_id, run.lead_id.user_id, run._contact().user_id, run._contact().commercial_partner_id.user_id,
            self.rule_id.user_id, self.rule_id.audience_id._place().user_id,
        )  # fmt: skip
        return next((user for user in candidates if user and user.active), self.user_id.browse())

    def _take_activity(self, runs):
        """In the language of who gets it, with what is known of the customer."""
        served = runs.filtered(self._responsible)
        (runs - served)._tell("skipped", lambda _run: self.env._("nobody is responsible"))
        values, users = [], {}
        figures = self._figures_for(served)
        model_ids = {name: self.env["ir.model"]._get_id(name) for name in ("res.partner", "crm.lead")}
        for run in served:
            users[run] = user = self._responsible(run)
            theirs, record = self.with_context(lang=user.lang), run._record()
            lines = [theirs.note or "", figures.get(run, "")]
            values.append(
                {
                    "activity_type_id": self.activity_type_id.id,
                    "summary": theirs.summary or theirs.rule_id.name,
                    "note": plaintext2html("\n".join(line for line in lines if line)),
                    "user_id": user.id,
                    "date_deadline": self.activity_type_id.with_context(
                        tz=self.company_id._crm_plus_tz()
                    )._get_date_deadline(),
                    "res_model_id": model_ids[record._name],
                    "res_model": record._name,  # computed one by one if it is left out
                    "res_id": record.id,
                    "automated": True,
                }
            )
        # Their list of activities tells them; a message for each would drown everything else.
        activities = self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(values)
        refs = {run: activity.id for run, activity in zip(served, activities, strict=True)}
        served._tell(
            "activity", lambda _run: self.name, activity_ref=refs, user_id={run: user.id for run, user in users.items()}
        )

    def _figures_for(self, runs):
        """``{run: what who gets it is told of the customer}``, in their language."""
        found = {}
        for user, theirs in runs.grouped(self._responsible).items():
            mine = self.with_context(lang=user.lang)
            figures, reasons = mine._figures(theirs), mine.rule_id.audience_id._reasons(theirs, user)
            found |= {run: "\n".join(filter(None, (reasons.get(run), figures.get(run)))) for run in theirs}
        return found

    def _figures(self, runs):
        """``{run: what is known of the customer, in lines}``: no amounts, which not everybody may see."""
        customers = {run: run._contact().commercial_partner_id for run in runs}
        profiles = self.env["crm.customer.profile"].search(
            [("partner_id", "in", [c.id for c in customers.values()]), ("company_id", "=", self.company_id.id)]
        )
        by_partner = {profile.partner_id: profile for profile in profiles}
        lines = {}
        for run, customer in customers.items():
            if profile := by_partner.get(customer):
                last = profile.last_order_date
                lines[run] = self.env._(
                    "Last order %(date)s, segment %(segment)s",
                    date=format_date(self.env, self.company_id._crm_plus_day(last)) if last else "-",
                    segment=profile.segment_id.name or "-",
                )
                if profile.tier_until:
                    until = format_date(self.env, profile.tier_until)
                    ends = self.env._("%(tier)s only until %(date)s", tier=profile.tier_id.name, date=until)
                    lines[run] += f"\n{ends}"
        return lines

    def _take_plan(self, runs):
        served = runs.filtered(self._responsible) if self.plan_id.has_user_on_demand else runs
        (runs - served)._tell("skipped", lambda _run: self.env._("nobody is responsible"))
        model = self.rule_id._address_model()
        activities = self.env["mail.activity"]
        newest = activities.search([], order="id desc", limit=1).id
        for user, group in served.grouped(self._responsible).items():
            schedule = self.env["mail.activity.schedule"].create(
                {
                    "res_model": model,
                    "res_ids": str([run._record().id for run in group]),
                    "plan_id": self.plan_id.id,
                    "plan_on_demand_user_id": user.id,
                }
            )
            schedule.action_schedule_plan()
        planned = activities.search([("id", ">", newest), ("res_model", "=", model)]).grouped("res_id")
        for run in served:
            for activity in planned.get(run._record().id, ()):
                run._tell(
                    "plan", lambda _run: self.name, activity_ref={run: activity.id}, user_id={run: activity.user_id.id}
                )

    def _take_email(self, runs):
        """One message each, which the host's queue sends and the chatter shows; who has no address, or wants none, gets
        none."""
        shown = not names_amounts(self.env, self.template_id.body_html)
        if names_amounts(self.env, self.template_id.subject):
            raise UserError(self.env._(
                "The subject of “%s” names an amount, which everybody who reads the chatter would see. Name it in the "
                "text only.", self.template_id.name,
            ))  # fmt: skip
        sent, refs, left_out = runs.browse(), {}, {}
        for run in runs:
            people = self.rule_id.audience_id._addressees(run._contact()) or run.lead_id
            reachable = people.filtered(lambda one: one.email_normalized and not one.is_blacklisted)
            if not reachable:
                blocked = people.filtered("is_blacklisted")
                left_out[run] = self.env._("opted out") if blocked else self.env._("no email address")
                continue
            message = self._posted(run._record(), reachable)
            if not shown:
                self._hide_amounts(message, self.template_id, "body_html")
            refs[run] = message.id
            sent |= run
        runs.browse([run.id for run in left_out])._tell("skipped", lambda run: left_out[run])
        sent._tell("email", lambda _run: self.name, message_ref=refs)
        # sudo: the host's queue, which looks once an hour, would send some of them within the quiet hours
        if sent and (cron := self.env.ref("mail.ir_cron_mail_scheduler_action", raise_if_not_found=False)):
            cron.sudo()._trigger()

    def _posted(self, record, people):
        """The message by which the template goes to these contacts, or to the lead, which has no customer yet."""
        record = record.with_context(
            mail_notify_force_send=False, mail_create_nosubscribe=True, mail_post_autofollow=False
        )
        how = {"subtype_xmlid": "mail.mt_note", "notify_skip_followers": True, "force_send": False}
        if people._name == "res.partner":
            return record.message_post_with_source(self.template_id, partner_ids=people.ids, **how)[:1]
        made = self.template_id._generate_template(
            record.ids, ("attachment_ids", "body_html", "email_from", "report_template_ids", "subject")
        )[record.id]
        return record.message_post(
            body=made["body_html"], subject=made["subject"], email_from=made.get("email_from"), body_is_html=True,
            outgoing_email_to=people.email_from, attachment_ids=made.get("attachment_ids"),
            attachments=made.get("attachments"), **how,
        )  # fmt: skip

    def _hide_amounts(self, message, template, name):
        """The letter is for the customer; the copy that everybody who may see the customer reads names no amounts."""
        body = template.with_context(**{HIDDEN: True})._render_field(name, [message.res_id], compute_lang=True)
        # sudo: the message that the step has just made
        message.sudo().body = body[message.res_id]

    def _take_tag(self, runs):
        if self.rule_id.kind == "lead":
            runs.lead_id.write({"tag_ids": [(4, self.lead_tag_id.id)]})
        else:
            # Through the table of tags: partners are not written, so that nobody who saves one meanwhile is in the way.
            self.env["crm.segment.membership"]._change_tags(
                """INSERT INTO %(table)s (%(partner)s, %(tag)s) SELECT unnest(%(partner_ids)s), %(tag_id)s
                   ON CONFLICT DO NOTHING RETURNING %(partner)s""",
                runs.partner_id,
                self.tag_id,
            )
        runs._tell("tag", lambda _run: (self.lead_tag_id or self.tag_id).name)

    def _take_price(self, runs):
        """For customers without a pricelist of their own; it is taken away when they leave the audience."""
        customers = {run: run._contact().commercial_partner_id for run in runs}
        company = self.company_id
        free = runs.filtered(
            lambda run: customers[run] and not customers[run].with_company(company).specific_property_product_pricelist
        )
        for run in free:
            customers[run].with_company(company).specific_property_product_pricelist = self.pricelist_id
        free._tell("price", lambda _run: self.name, added_pricelist_id=dict.fromkeys(free, self.pricelist_id.id))
        (runs - free)._tell("skipped", lambda _run: self.env._("has a pricelist already"))

    def _take_action(self, runs):
        # sudo: administrators have chosen the action, which is why nobody else may read it.
        action = self.sudo().action_id
        records = runs.lead_id or runs.partner_id
        if action.model_name == "crm.customer.profile":
            records = self.env["crm.customer.profile"].search(
                [("partner_id", "in", runs.partner_id.ids), ("company_id", "=", self.company_id.id)]
            )
        if records:
            context = {"active_model": records._name, "active_id": records[:1].id, "active_ids": records.ids}
            action.with_context(**context).run()
        runs._tell("action", lambda _run: action.name)
