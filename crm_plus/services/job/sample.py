"""The records of the sample company: which they are, which of them people have used since, and how the others go."""

from collections import defaultdict

from odoo import SUPERUSER_ID
from odoo.tools import SQL

# The module of their external ids: of no add-on, so that neither an upgrade nor uninstalling touches the records.
MARK = "__crm_plus_sample__"
# In the order in which they go: nothing refers to one that stands further up.
KINDS = (
    "rating.rating", "project.task", "project.project", "crm.interaction", "sale.order", "crm.lead", "res.partner",
    "product.template", "utm.campaign", "crm.team",
)  # fmt: skip
# What goes with its record: (model, field that refers to it).
PARTS_OF = {"sale.order": ("sale.order.line", "order_id"), "product.template": ("product.product", "product_tmpl_id")}
# What the host writes about any record by itself; a person's row is one of use.
ABOUT = (
    "mail.message", "mail.notification", "mail.followers", "mail.activity", "mail.tracking.value", "ir.attachment",
    "loyalty.card", "loyalty.history", "sale.order.coupon.points", "ir.embedded.actions", "project.task.stage.personal",
    "product.value", "crm.lead.scoring.frequency",
)  # fmt: skip
# Never a use: names of records, and tags, which nobody gives without changing what bears them.
NAMES = ("ir.model.data", "res.partner.category", "crm.tag", "product.tag", "project.tags")
# Messages that somebody wrote, also those that arrived by email.
WRITTEN = ("email", "comment", "email_outgoing", "sms", "whatsapp_message")
STEP = 400


class SampleRecords:
    """Those of one company, with the rights of a superuser."""

    def __init__(self, env, company):
        # nobody is told, nothing is tracked; archived records count as any other
        context = {**env.context, "active_test": False, "tracking_disable": True, "allowed_company_ids": company.ids}
        self.env = env(user=SUPERUSER_ID, context=context)
        self.company = company

    # ------------------------------------------------------------------ which they are

    def mark(self, records):
        """Remember that these were made for the sample."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO ir_model_data (module, name, model, res_id, noupdate, create_uid, create_date)
                   SELECT %s, %s || id, %s, id, TRUE, %s, now() AT TIME ZONE 'UTC' FROM unnest(%s) AS id
                       ON CONFLICT (module, name) DO NOTHING""",
                MARK,
                self._prefix(records._name),
                records._name,
                SUPERUSER_ID,
                records.ids,
            )
        )

    def of(self, model):
        """Those of a model that are still there. One that was merged into another is that other one's."""
        rows = self.env.execute_query(
            SQL(
                "SELECT res_id FROM ir_model_data WHERE module = %s AND model = %s AND name = %s || res_id",
                MARK,
                model,
                self._prefix(model),
            )
        )
        return self.env[model].browse(sorted(row[0] for row in rows)).exists() if rows else self.env[model]

    def exist(self):
        """Whether there are any."""
        return any(self.of(model) for model in self._kinds())

    def count(self):
        """How many there are."""
        return sum(len(self.of(model)) for model in self._kinds())

    def forget(self):
        """What is left belongs to the company from now on."""
        like = f"{self.company.id}-%"
        self.env.cr.execute(SQL("DELETE FROM ir_model_data WHERE module = %s AND name LIKE %s", MARK, like))

    def _kinds(self):
        return [model for model in KINDS if model in self.env]

    def _prefix(self, model):
        return f"{self.company.id}-{model.replace('.', '_')}-"

    # ------------------------------------------------------------------ which of them are used

    def plan(self):
        """``{model: (records that can go, records that people have used since)}`` in the order in which they go."""
        return dict(self._split())

    def _split(self):
        self.env.flush_all()
        leaving = defaultdict(set)
        for model in self._kinds():
            found = self.of(model)
            if not found:
                continue
            # as long as nothing else refers to them, all of them go
            leaving[model].update(found.ids)
            parts = self._parts(found)
            if parts is not None:
                leaving[parts._name].update(parts.ids)
            used = found.browse(sorted(self._used(found, leaving)))
            leaving[model].difference_update(used.ids)
            if parts is not None:
                leaving[parts._name].difference_update(self._parts(used).ids)
            yield model, (found - used, used)

    def _parts(self, records):
        if records._name not in PARTS_OF:
            return None
        model, field = PARTS_OF[records._name]
        return self.env[model].search([(field, "in", records.ids)], order="id")

    def _used(self, records, leaving):
        """The ids of those that somebody has changed, or that something refers to which does not go."""
        parts = self._parts(records)
        used = self._touched(records) | self._referred(records, leaving)
        if parts is not None:
            field = PARTS_OF[records._name][1]
            used |= set(parts.browse(self._touched(parts) | self._referred(parts, leaving))[field].ids)
        return used

    def _touched(self, records):
        """Those that a person has changed or made. What is sent in by other systems nobody can change."""
        if not records._log_access:
            return set()
        made = (SUPERUSER_ID, False)
        return {record.id for record in records if not {record.write_uid.id, record.create_uid.id}.issubset(made)}

    def _referred(self, records, leaving):
        found = set()
        for model in self.env.registry.values():
            if model._abstract or model._transient or not model._auto or model._name in NAMES:
                continue
            for field in model._fields.values():
                if field.store and not getattr(field, "company_dependent", False):
                    found.update(self._referred_by(self.env[model._name], field, records, leaving))
        return found

    def _referred_by(self, model, field, records, leaving):
        """The ids of the records that rows of a model refer to by one of its fields."""
        if field.type == "many2one" and field.comodel_name == records._name:
            column, condition = SQL.identifier("r", field.name), SQL("TRUE")
        elif field.type == "many2one_reference" and model._fields[field.model_field].store:
            column = SQL.identifier("r", field.name)
            condition = SQL("%s = %s", SQL.identifier("r", field.model_field), records._name)
        elif field.type == "many2many" and field.comodel_name == records._name:
            return self._referred_beside(model, field, records, leaving)
        else:
            return ()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT %s FROM %s r WHERE %s = ANY(%s) AND %s AND r.id <> ALL(%s) AND %s",
                column,
                SQL.identifier(model._table),
                column,
                records.ids,
                condition,
                list(leaving[model._name]),
                self._counts(model),
            )
        )
        return {row[0] for row in rows}

    def _referred_beside(self, model, field, records, leaving):
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT r.%(theirs)s FROM %(relation)s r JOIN %(table)s o ON o.id = r.%(ours)s
                    WHERE r.%(theirs)s = ANY(%(ids)s) AND o.id <> ALL(%(leaving)s) AND %(counts)s""",
                theirs=SQL.identifier(field.column2),
                ours=SQL.identifier(field.column1),
                relation=SQL.identifier(field.relation),
                table=SQL.identifier(model._table),
                ids=records.ids,
                leaving=list(leaving[model._name]),
                counts=self._counts(model, "o"),
            )
        )
        return {row[0] for row in rows}

    def _counts(self, model, alias="r"):
        """SQL: whether a row of a model is one of somebody's use, and not one that goes with what it is about."""
        row = SQL.identifier(alias)
        person = SQL("%s.create_uid <> %s", row, SUPERUSER_ID) if model._log_access else SQL("FALSE")
        if model._name == "crm.interaction":
            captured = SQL("SELECT id FROM crm_interaction_source WHERE kind = 'records'")
            return SQL("%s.source_id NOT IN (%s)", row, captured)
        if model._name == "mail.message":
            return SQL("(%s OR %s.message_type = ANY(%s))", person, row, list(WRITTEN))
        if model._name in ABOUT or (model._original_module or "").startswith("crm_plus"):
            return person
        return SQL("TRUE")

    # ------------------------------------------------------------------ how they go

    def remove_some(self):
        """Delete the next ones; whether there were any."""
        # those of a kind only once all that may refer to them are gone: the rest of the plan need not be made yet
        for model, (leaving, _used) in self._split():
            if leaving:
                some = leaving[:STEP]
                if model == "sale.order":
                    # the host deletes no confirmed order
                    some._action_cancel()
                elif model == "res.partner" and "loyalty.card" in self.env:
                    # the host would leave the cards that its programs gave them, of nobody then
                    self.env["loyalty.card"].search([("partner_id", "in", some.ids)]).unlink()
                some.unlink()
                return True
        return False
