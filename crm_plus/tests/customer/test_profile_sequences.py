import random
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ...services.customer.limits import Limits
from .story import CustomerStory

PROFILE = (
    "partner_id", "first_order_date", "last_order_date", "order_count", "revenue", "average_order", "rfm", "abc_class",
    "recent_order_count", "recent_revenue", "segment_id", "segment_since", "segment_score", "tier_id", "tier_since",
    "tier_until",
)  # fmt: skip
STAY = ("partner_id", "date_from", "date_to", "reason::text", "enter_pending", "leave_pending", "profile_id IS NULL")
KEPT = {
    "crm_customer_profile": PROFILE,
    "crm_segment_membership": (*STAY, "family_id", "segment_id", "previous_segment_id", "shadow", "score"),
    "crm_tier_stay": (*STAY, "tier_id", "previous_tier_id"),
}
NEVER_MISSING = {"order", "cancel_order", "credit_note", "merge", "contact_moves"}
MODELS = {
    "mbg_nbd": {"r": 0.5, "alpha": 60.0, "a": 0.8, "b": 2.5, "dropout_at_start": True},
    "gamma_gamma": {"p": 6.25, "q": 3.74, "v": 15.44},
}


@tagged("post_install", "-at_install")
class TestProfileSequences(AccountTestInvoicingCommon):
    """Whatever happens in whatever order, the customers it happened to come out as when all are refreshed: figures,
    segments, tiers, stays with their reasons and dates. Both are tried from the same state of the same database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env.ref("base.user_root").sudo().company_ids |= cls.company
        context = {**cls.env.context, "allowed_company_ids": cls.company.ids, "tracking_disable": True}
        cls.env = cls.env(user=SUPERUSER_ID, context=context)
        cls.company = cls.company.with_env(cls.env)
        cls.company.write({"crm_plus_rfm_mode": "fixed", "crm_plus_minimum_stay": 0, "crm_plus_margin": 0.1})
        cls.product_a = cls.product_a.with_env(cls.env)
        cls.product_a.invoice_policy = "order"
        cls.euro = cls.setup_other_currency("EUR", rates=[("2024-01-01", 2.0), ("2026-01-01", 4.0)])
        cls.euro_prices = cls.env["product.pricelist"].create({"name": "Euro", "currency_id": cls.euro.id})
        cls.included_tax = cls.env["account.tax"].create(
            {"name": "Included", "amount": 25, "price_include_override": "tax_included", "type_tax_use": "sale",
             "company_id": cls.company.id}
        )  # fmt: skip
        rule = {"company_id": cls.company.id, "grace_days": 3}
        cls.tiers = cls.env["crm.tier"].create(
            [
                {"name": "Silver", "sequence": 1, "threshold": 200, **rule},
                {"name": "Gold", "sequence": 2, "basis": "orders", "threshold": 3, **rule},
                {"name": "Best", "sequence": 3, "rule": "top", "top_percent": 10, **rule},
            ]
        )
        cls.by_hand = cls.family("By hand", "manual", {"vip": "[]", "press": "[]"})
        cls.family("Size", "domain", {"big": "[('revenue', '>=', 500)]", "many": "[('order_count', '>', 2)]"})

    @classmethod
    def family(cls, name, kind, segments):
        values = {"state": "active", "tag_id": cls.env["res.partner.category"].create({"name": name}).id}
        lines = [
            Command.create({"name": code, "code": code, "domain": domain, "sequence": place, **values})
            for place, (code, domain) in enumerate(segments.items())
        ]
        shadow = Command.create({"name": "Trial", "code": "trial", "domain": "[('revenue', '<', 300)]"})
        return cls.env["crm.segment.family"].create({"name": name, "kind": kind, "segment_ids": [*lines, shadow]})

    # ------------------------------------------------------------------ the two ways to refresh

    def refresh(self):
        self.assertTrue(self.env["crm.customer.profile"]._refresh_company(self.company))

    def refresh_touched(self):
        while partner_ids := self.env["crm.customer.queue"]._take(1000):
            self.assertTrue(self.env["crm.customer.profile"]._refresh_company(self.company, partner_ids))

    @contextmanager
    def limits_kept(self):
        """A full refresh finds quantiles anew, which is the one thing it does that a refresh of some cannot."""
        with (
            patch.object(Limits, "find", lambda *_args: None),
            patch.object(self.registry["crm.tier"], "_recompute_limits", lambda *_args: None),
        ):
            yield

    def state(self):
        self.env.flush_all()
        return {
            table: sorted(
                self.env.execute_query(
                    SQL(
                        "SELECT %s FROM %s WHERE company_id = %s",
                        SQL(", ").join(map(SQL, columns)),
                        SQL.identifier(table),
                        self.company.id,
                    )
                ),
                key=repr,
            )
            for table, columns in KEPT.items()
        }

    def row_versions(self):
        return {
            table: self.env.execute_query(
                SQL("SELECT id, ctid::text, xmin::text FROM %s ORDER BY id", SQL.identifier(table))
            )
            for table in KEPT
        }

    def after(self, refresh):
        """What ``refresh`` makes of the present state, which comes back afterwards."""
        with self.env.cr.savepoint() as savepoint:
            refresh()
            found = self.state()
            savepoint.rollback()
        self.env.invalidate_all()
        return found

    # ------------------------------------------------------------------ the stories

    def live(self, seeds):
        for seed in seeds:
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self.env.invalidate_all()
                rng = random.Random(seed)
                story = CustomerStory(self, rng)
                try:
                    self.tell(story, rng)
                except Exception as error:
                    error.add_note(f"after {story.steps}")
                    raise
                finally:
                    savepoint.rollback()

    def tell(self, story, rng, steps=16):
        self.env.cr.flush()
        self.refresh()
        most = 0
        while steps > 0 or not story.happened >= NEVER_MISSING:
            steps -= 1
            self.assertGreater(steps, -50, "what must not be missing never happens")
            for _event in range(rng.randint(1, 3)):
                story.happen()
            self.env.cr.flush()  # what is captured at a commit
            with self.limits_kept():
                self.assertEqual(self.after(self.refresh_touched), self.after(self.refresh))
            if rng.random() < 0.2:
                story.pass_days()
                self.refresh()
            rng.choice([self.refresh, self.refresh_touched])()
            most = max(most, len(self.row_versions()["crm_customer_profile"]))
        self.refresh_touched()
        with self.limits_kept():
            self.refresh()
            before = self.row_versions()
            self.refresh()
            self.assertEqual(self.row_versions(), before)
        self.assertTrue(most, "nobody was ever a customer")

    @mute_logger("odoo.models.unlink")
    def test_with_revenue_from_orders(self):
        self.live((104, 302))

    @mute_logger("odoo.models.unlink")
    def test_with_revenue_from_invoices(self):
        self.company.crm_plus_revenue_basis = "invoice"
        self.live((201, 202))

    @mute_logger("odoo.models.unlink")
    def test_with_scores_by_equal_parts_of_the_customers(self):
        self.company.crm_plus_rfm_mode = "quantile"
        self.live((301,))
