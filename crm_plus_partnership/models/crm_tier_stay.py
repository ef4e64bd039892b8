from odoo import api, fields, models
from odoo.addons.crm_plus.services.loyalty.withdrawal import withdraw_pricelists
from odoo.tools import SQL


class CrmTierStay(models.Model):
    _inherit = "crm.tier.stay"

    added_grade_id = fields.Many2one(
        "res.partner.grade", "Level assigned", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )

    @api.model
    def _benefits(self):
        return super()._benefits() | {"added_grade_id": "grade_id"}

    @api.model
    def _withdraw_benefits(self):  # pylint: disable=missing-return  # it returns nothing
        self._withdraw_grades()
        super()._withdraw_benefits()

    @api.model
    def _withdraw_grades(self):
        """The levels that tiers gave, and the pricelists that came with them."""
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE res_partner p SET grade_id = NULL FROM crm_tier_stay s
                WHERE s.partner_id = p.id AND s.added_grade_id = p.grade_id"""
        )
        withdraw_pricelists(
            self.env,
            self._table,
            SQL(
                """s.added_grade_id IN (SELECT id FROM res_partner_grade g
                                         WHERE g.default_pricelist_id = s.added_pricelist_id)"""
            ),
        )
        self.env.cr.execute("UPDATE crm_tier_stay SET added_grade_id = NULL WHERE added_grade_id IS NOT NULL")
        self.env.invalidate_all(flush=False)

    def _brings(self, name):
        """A level brings its pricelist as well."""
        found = super()._brings(name)
        return found | self.tier_id.grade_id.default_pricelist_id if name == "added_pricelist_id" else found

    def _give(self):
        result = super()._give()
        if grade := self.tier_id.grade_id:
            mine = self._in_company_of(grade)._in_company_of(grade.default_pricelist_id)
            for company, stays in mine.grouped("company_id").items():
                stays.with_company(company)._give_grade(grade)
        return result

    def _take_back(self):
        result = super()._take_back()
        for grade, stays in self._lapsed("added_grade_id").grouped("added_grade_id").items():
            stays.added_grade_id = False
            # There is one level for all companies: who is entitled to it in another one keeps it.
            heirs = self._entitled(stays.partner_id, "grade_id", grade)
            heirs.added_grade_id = grade
            lost = stays.partner_id - heirs.partner_id
            lost.filtered(lambda partner, given=grade: partner.grade_id == given).grade_id = False
        return result

    def _give_grade(self, grade):
        """To who has no level yet. The level sets its pricelist, so not to who has agreed upon another one."""
        prices = grade.default_pricelist_id
        free = self.filtered(lambda stay: not stay.partner_id.grade_id)
        if prices:
            kept = free.filtered(
                lambda stay: stay.partner_id.specific_property_product_pricelist not in (prices, prices.browse())
            )
            kept.error = self.env._("Has a pricelist of its own, so the level %s was not assigned.", grade.name)
            free -= kept
            unpriced = free.filtered(lambda stay: not stay.partner_id.specific_property_product_pricelist)
            unpriced.added_pricelist_id = prices
        free.partner_id.grade_id = grade
        free.added_grade_id = grade
