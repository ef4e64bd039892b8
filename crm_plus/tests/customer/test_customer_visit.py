from datetime import timedelta
from io import BytesIO

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools.misc import format_date
from odoo.tools.pdf import PdfReader

from .test_customer_glance import GlanceCase

REPORT = "crm_plus.report_customer_visit"


@tagged("post_install", "-at_install")
class TestCustomerVisit(GlanceCase):
    """One page before the visit: the card, what was said, what is open, what they buy; as far as one may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order(cls.often, days=20)
        phone = cls.env.ref("crm_plus.channel_phone")
        for number, user in enumerate((cls.seller, cls.seller, cls.own)):
            cls.env["crm.interaction"].create(
                {
                    "partner_id": cls.contact.id, "company_id": cls.company.id, "channel_id": phone.id,
                    "name": f"Call {number}", "user_id": user.id, "document_user_id": user.id,
                    "date": fields.Datetime.now() - timedelta(days=1 + number),
                }
            )  # fmt: skip
        cls.quotation = cls.env["sale.order"].create(
            {
                "partner_id": cls.often.id, "company_id": cls.company.id, "user_id": cls.seller.id,
                "order_line": [(0, 0, {"product_id": cls.product.id, "price_unit": 77, "tax_ids": False})],
            }
        )  # fmt: skip
        other = cls.env["product.product"].create({"name": "Companion", "type": "service"})
        cls.env["crm.product.affinity"].create(
            {
                "company_id": cls.company.id, "product_id": cls.product.id, "related_product_id": other.id,
                "together": 9, "support": 0.5, "confidence": 0.9, "lift": 3,
            }
        )  # fmt: skip

    def page(self, user, partner=None):
        html, _type = (
            self.env["ir.actions.report"].with_user(user)._render_qweb_html(REPORT, (partner or self.contact).ids)
        )
        return html.decode()

    def test_the_page_has_card_interactions_documents_products_and_suggestions(self):
        page = self.page(self.seller)
        self.assertIn("customer since", page)
        for text in ("Best next", "Carla", "Call 0", "Call 1", self.quotation.name, "Thing", "Companion"):
            self.assertIn(text, page)

    def test_a_quotation_has_the_day_of_the_company(self):
        self.company.partner_id.tz = "Asia/Tehran"
        self.quotation.date_order = "2026-03-01 21:00:00"
        self.assertIn(format_date(self.env, "2026-03-02"), self.page(self.seller))

    def test_what_one_may_not_see_is_not_printed(self):
        page = self.page(self.own)
        self.assertIn("Call 2", page)
        for text in ("Call 0", self.quotation.name):
            self.assertNotIn(text, page)

    def test_who_may_not_read_profiles_gets_none(self):
        clerk = new_test_user(self.env, "visit_clerk", "base.group_user", company_id=self.company.id,
                              company_ids=[(6, 0, self.company.ids)])  # fmt: skip
        with self.assertRaises(AccessError):
            self.page(clerk)

    def pages(self, partner):
        """The number of pages of the PDF."""
        reports = self.env["ir.actions.report"].with_user(self.seller)
        if reports.get_wkhtmltopdf_state() == "install":
            self.skipTest("without wkhtmltopdf")
        content, kind = reports.with_context(force_report_rendering=True)._render_qweb_pdf(REPORT, partner.ids)
        self.assertEqual(kind, "pdf")
        return len(PdfReader(BytesIO(content)).pages)

    def test_it_is_one_page_whatever_there_is(self):
        """Long names and texts, more documents, products and interactions than anybody reads before a visit."""
        long = "Incorporated Trading and Manufacturing Company of Long Names "
        self.often.write({"name": long * 3, "street": long, "city": long, "email": f"{'x' * 60}@example.com"})
        self.contact.name = long * 2
        for number in range(14):
            product = self.env["product.product"].create({"name": f"{long} {number}", "taxes_id": False})
            other = self.env["product.product"].create({"name": f"{long} {number} as well"})
            line = self.order(self.often, days=100 + number).order_line
            self.env.flush_all()
            self.cr.execute("UPDATE sale_order_line SET product_id = %s WHERE id = %s", [product.id, line.id])
            self.env.invalidate_all()
            self.quotation.copy({"name": f"{long}{number}"})
            self.called(1, user=self.seller).name = long * 4
            self.env["crm.product.affinity"].create(
                {
                    "company_id": self.company.id, "product_id": self.product.id, "together": 9, "support": 0.5,
                    "confidence": 0.9, "lift": 3, "related_product_id": other.id,
                }
            )  # fmt: skip
        self.contact.activity_schedule("mail.mail_activity_data_todo", self.today, long * 3, user_id=self.seller.id)
        self.refresh()
        page = self.page(self.seller)
        self.assertIn(f"and {self.env['sale.order'].search_count(self.quoted()) - 5} more", page)
        self.assertEqual(self.pages(self.contact), 1)
        self.assertEqual(self.pages(self.contact | self.often), 2)

    def quoted(self):
        return [("partner_id.commercial_partner_id", "=", self.often.id), ("state", "=", "draft")]

    def test_a_prospect_has_a_page_as_well(self):
        self.assertIn("Nobody yet", self.page(self.seller, self.customer("Nobody yet")))
