from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...services.followup import behavior

# The sources of the history that tell what somebody did by themselves.
SOURCES = {"open": "mailing_opened", "click": "mailing_clicked", "visit": "website_visit"}


class CrmAudienceBehavior(models.Model):
    """What the members of an audience did in a period, or did not do."""

    _name = "crm.audience.behavior"
    _inherit = ["crm.readable.mixin"]
    _description = "Behavior of an audience"
    _order = "id"

    audience_id = fields.Many2one("crm.audience", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="audience_id.company_id", store=True)
    done = fields.Selection([("yes", "did"), ("no", "did not")], "Did they", required=True, default="no")
    kind = fields.Selection(
        [
            ("contact", "have contact with us"),
            ("purchase", "buy"),
            ("open", "open a mailing"),
            ("click", "click in a mailing"),
            ("visit", "visit a page"),
            ("date", "have a yearly date ahead, as a birthday"),
        ],
        "What",
        required=True,
        default="contact",
    )
    text = fields.Char("About", help="A part of the subject of the mailing, or of the page. Empty: any.")
    days = fields.Integer(
        required=True, default=90,
        help="Only what happened in so many days up to today counts; of a yearly date, what comes in so many days from "
        "today on.",
    )  # fmt: skip
    model_name = fields.Char(related="audience_id.model_name", string="Model")
    date_field = fields.Char("Yearly date", help="Any date of the audience, or of what belongs to it.")
    channel_ids = fields.Many2many("crm.interaction.channel", string="Channels", help="Empty: all channels of contact.")
    direction = fields.Selection([("in", "Incoming"), ("out", "Outgoing")], help="Empty: both.")
    product_ids = fields.Many2many("product.product", string="Products")
    category_ids = fields.Many2many("product.category", string="Product categories", help="Empty: all products.")

    _days_positive = models.Constraint("CHECK (days BETWEEN 1 AND 36500)", "Days: must be between 1 and 36500.")

    @api.constrains("kind", "date_field")
    def _check_date_field(self):
        for one in self.filtered(lambda one: one.kind == "date"):
            if one._date_type() not in ("date", "datetime"):
                raise ValidationError(
                    self.env._(
                        "%(field)s: choose another field of the audience.",
                        field=self._fields["date_field"].get_description(self.env, ["string"])["string"],
                    )
                )

    def _date_type(self):
        """The type of the field of the yearly date; None when there is no such field in the database."""
        model, field = self.env[self.model_name], None
        for name in (self.date_field or "").split("."):
            field = model._fields.get(name) if model is not None else None
            if field is None or not field.store:
                return None
            model = self.env[field.comodel_name] if field.relational else None
        return field.type

    @api.model_create_multi
    def create(self, vals_list):
        behaviors = super().create(vals_list)
        behaviors._conditions_changed()
        return behaviors

    def write(self, vals):
        result = super().write(vals)
        self._conditions_changed()
        return result

    def unlink(self):
        audiences = self.audience_id
        result = super().unlink()
        audiences.exists()._take_over_all()
        return result

    def _conditions_changed(self):
        """Whoever changes what an audience asks for lends it their rights."""
        self.audience_id._take_over_all()

    def _condition(self, audience):
        """The condition on the records of the audience; intended to be extended with other kinds."""
        self.ensure_one()
        did, did_not = self._both(audience)
        return did if self.done == "yes" else did_not

    def _both(self, audience):
        """(did, did not)."""
        asked = (self.env, audience._definer(), audience.company_id, max(self.days, 1))
        if self.kind == "purchase":
            return behavior.bought(*asked, self.product_ids._origin.ids, self.category_ids._origin.ids)
        if self.kind == "date":
            if not self.date_field:
                return Domain.TRUE, Domain.TRUE  # while it is being entered
            _env, definer, company, days = asked
            return behavior.coming(self.env[audience.model_name], definer, company, days, self.date_field)
        if self.kind in SOURCES:
            return behavior.noted(*asked, SOURCES[self.kind], self.text)
        directions = [self.direction] if self.direction else []
        return behavior.contacted(*asked, self.channel_ids._origin.ids, directions)
