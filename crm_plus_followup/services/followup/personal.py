"""What a letter may say of the customer it goes to: plain texts, empty where nothing is known."""

import re

from odoo.addons.crm_plus.services.customer import amounts, words
from odoo.addons.crm_plus.services.customer.estimate import EstimatedMonetary
from odoo.fields import Domain
from odoo.tools import format_list
from odoo.tools.misc import format_amount, format_date

# In the context: the id of whoever sends what the system renders for them later.
SENDER = "crm_sender_id"
# Products that a letter names at most.
PRODUCTS = 3


def names_amounts(env, *sources):
    """Whether a template names an amount of the customer: the letter is for the customer, and what is kept of it where
    colleagues read it shows none."""
    models = (env[name] for name in ("res.partner", "crm.lead", "crm.customer.profile"))
    names = {name for model in models for name, field in model._fields.items() if isinstance(field, EstimatedMonetary)}
    named = re.compile(rf"\.(crm_text_missing|{'|'.join(sorted(names))})\b")
    return any(named.search(source or "") for source in sources)


class Personal:
    """The texts of some contacts in one company. Amounts are for those who may read them: others send none."""

    def __init__(self, env, company, partners):
        self.env, self.company = env, company
        # What the system renders has what its sender may read; who asks for themselves sends it themselves.
        sender = env.su and env.context.get(SENDER)
        self.sender = env(user=sender, su=False) if sender else env
        self.customer_of = {partner: partner.sudo().commercial_partner_id for partner in partners}
        # sudo: segment, tier and days of the customers that the user writes to; amounts are asked for as the user
        profiles = env["crm.customer.profile"].sudo()
        customers = [customer.id for customer in self.customer_of.values()]
        found = profiles.search([("partner_id", "in", customers), ("company_id", "=", company.id)])
        self.profile_of = {profile.partner_id: profile for profile in found}

    def of(self, partner):
        """``{placeholder: text}``, False where there is nothing to say."""
        customer = self.customer_of[partner]
        profile = self.profile_of.get(customer)
        if not profile:
            return dict.fromkeys(("segment", "tier", "next_tier", "missing", "until", "products", "last_order"), False)
        as_user = profile.sudo(False)
        readable = as_user.has_access("read") and self._sender_reads_profiles()
        next_tier = as_user.next_tier_id if readable else profile.next_tier_id.browse()
        return {
            "segment": profile.segment_id.name or False,
            "tier": profile.tier_id.name or False,
            "next_tier": next_tier.sudo().name or False,
            "missing": bool(next_tier) and self._sender_reads(customer) and self._missing(as_user, next_tier.sudo()),
            "until": profile.tier_until and format_date(self.env, profile.tier_until),
            "products": self._products(customer),
            "last_order": profile.last_order_date
            and format_date(self.env, self.company._crm_plus_day(profile.last_order_date)),
        }

    def _sender_reads_profiles(self):
        return self.sender["crm.customer.profile"].has_access("read")

    def _sender_reads(self, customer):
        """Whether whoever sends it reads amounts of the customer, too, and it is not what colleagues see of it."""
        if self.env.context.get(amounts.HIDDEN):
            return False
        return amounts.may_read(self.sender, self.company, customer.with_env(self.sender))

    def _missing(self, profile, tier):
        missing = profile.next_tier_missing
        if not missing:
            return False
        if tier.basis == "orders":
            return words.orders(self.env, int(missing))
        return format_amount(self.env, missing, self.company.currency_id)

    def _products(self, customer):
        """What others who buy the same buy as well, and the customer has not bought."""
        # sudo: names of products that are sold, to the customer who would like them
        lines, pairs = self.env["sale.order.line"].sudo(), self.env["crm.product.affinity"].sudo()
        ordered = Domain("order_id.partner_id.commercial_partner_id", "=", customer.id)
        ordered &= Domain("order_id.state", "=", "sale") & Domain("company_id", "=", self.company.id)
        bought = [product.id for [product] in lines._read_group(ordered, ["product_id"]) if product]
        if not bought:
            return False
        found = pairs.search(
            [
                ("company_id", "=", self.company.id),
                ("product_id", "in", bought),
                ("related_product_id", "not in", bought),
                ("related_product_id.sale_ok", "=", True),
            ],
            order="confidence desc",
            limit=4 * PRODUCTS,
        )
        products = list(dict.fromkeys(found.related_product_id))[:PRODUCTS]
        return format_list(self.env, [product.name for product in products]) if products else False
