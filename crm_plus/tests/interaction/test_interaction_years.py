"""Strange years and wrong types are answered in words, wherever in the world the reader is."""

import importlib.util

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, file_path

from .common import TimelineCase

YEARS = ("0001-01-01", "1899-12-31", "1900-01-01", "2039-06-30", "2199-12-31", "2200-01-01", "9999-12-31")
ZONES = ("Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Tehran", "UTC", "Mars/Phobos", False)


class TestYears(TimelineCase):
    def scopes(self):
        lead = self.new_lead(partner_id=self.customer.id, user_id=self.seller.id)
        self.commit()
        return [{"partner_id": self.customer.id}, {"partner_id": self.company.id}, {"lead_id": lead.id}], lead

    def reading(self, zone, scope):
        """Reads all there is, in small pages, as somebody in a time zone."""
        rows = self.env["crm.interaction"].with_user(self.seller).with_context(tz=zone)
        found, before = [], None
        while True:
            page = rows.timeline_page(scope, {}, before, 2)
            found += page["rows"]
            before = page["next"]
            if not before:
                break
        summary = rows.timeline_summary(scope)
        self.assertEqual(summary["total"], len(found))
        for day in ("1900-01-01", "2199-12-31"):
            rows.timeline_page(scope, {"date_from": day, "date_to": day})
            rows.timeline_summary(scope, {"date_from": day, "date_to": day})
        return found

    def test_entries_of_strange_years_are_refused_by_everybody(self):
        for day in YEARS:
            values = {"partner_id": self.customer.id, "date": f"{day} 12:00:00"}
            fits = "1900" <= day[:4] < "2200"
            with self.subTest(day):
                if fits:
                    self.assertTrue(self.log(**values))
                else:
                    with self.assertRaisesRegex(ValidationError, "When: .*1900 and 2199"):
                        self.log(**values)

    def test_documents_of_strange_years_are_no_history_until_they_are_corrected(self):
        orders = self.env["sale.order"]
        for day in YEARS:
            orders |= self.new_order(date_order=f"{day} 12:00:00")
        orders.write({"state": "sale"})
        for order, day in zip(orders, YEARS, strict=True):
            order.date_order = f"{day} 12:00:00"
        found = {fields.Date.to_string(row.date) for row in self.of(orders, "order")}
        # what is still to come is no history yet
        self.assertEqual(found, {"1900-01-01"})
        self.assertEqual(
            set(self.env["crm.interaction.queue"].search([("res_id", "in", orders.ids)]).mapped("date")),
            {order.date_order for order in orders if order.date_order.year in (2039, 2199)},
        )
        self.assertEqual(self.reconcile("order"), {})
        orders[0].date_order = "2024-01-01 12:00:00"
        self.assertEqual(len(self.of(orders[0], "order")), 1)

    def test_the_timeline_reads_whatever_is_stored_in_every_time_zone(self):
        scopes, lead = self.scopes()
        for day in YEARS:
            for moment in ("00:00:00", "23:59:59.999999"):
                row = self.log(partner_id=self.customer.id, lead_id=lead.id)
                self.env.flush_all()
                # by another way than the ORM, such as a migration
                self.env.execute_query(
                    SQL("UPDATE crm_interaction SET date = %s WHERE id = %s RETURNING id", f"{day} {moment}", row.id)
                )
        self.env.invalidate_all()
        for zone in ZONES:
            for scope in scopes:
                with self.subTest(zone=zone, scope=scope):
                    found = self.reading(zone, scope)
                    self.assertGreaterEqual(len(found), 2 * len(YEARS))
                    self.assertIn("0001-01-01 00:00:00", [row["date"] for row in found])
            partner = self.customer.with_user(self.seller).with_context(tz=zone)
            partner.invalidate_recordset()
            self.assertTrue(partner.last_interaction_date)
            self.assertGreaterEqual(partner.silence_days, 0)

    def groupable(self, rows, name):
        """Whether the host groups these rows by every part of a date, wherever in the world the reader is."""
        for zone in ZONES:
            for part in ("day", "week", "month", "quarter", "year"):
                with self.subTest(zone=zone, part=part):
                    groups = rows.with_context(tz=zone).formatted_read_group(
                        [("id", "in", rows.ids)], [f"{name}:{part}"], ["__count"]
                    )
                    self.assertEqual(sum(group["__count"] for group in groups), len(rows))

    def test_the_host_groups_by_every_date_that_is_let_in(self):
        rows = self.log(partner_id=self.customer.id, date="1900-01-01 00:00:00")
        rows |= self.log(partner_id=self.customer.id, date="2199-12-31 23:59:59")
        self.groupable(rows, "date")
        overrides = self.env["crm.tier.override"]
        tier = self.env["crm.tier"]._tiers_of(self.env.company)[0]
        values = {"partner_id": self.customer.id, "tier_id": tier.id, "reason": "x"}
        for day in ("1900-01-01", "2199-12-31"):
            overrides |= overrides.create({**values, "date_to": day})
        self.groupable(overrides, "date_to")
        for day in ("1899-12-31", "2200-01-01", "9999-12-31"):
            with self.subTest(day), self.assertRaisesRegex(ValidationError, "Until: .*1900 and 2199"):
                overrides.create({**values, "date_to": day})

    def test_no_date_that_people_enter_is_without_bounds(self):
        """A new field wants a check like that of the others, and a line here."""
        entered = {
            (model._name, field.name)
            for model in self.env.values()
            if model._name.startswith("crm.") and (model._original_module or "").startswith("crm_plus")
            and not model._abstract and not model._transient and model._auto
            for field in model._fields.values()
            if field.type in ("date", "datetime") and field.store
            and not field.readonly and field.name not in models.MAGIC_COLUMNS
        }  # fmt: skip
        written_by_ourselves = {
            ("crm.interaction", "day"),
            ("crm.interaction.queue", "date"),  # nobody may write it
            ("crm.purchase.model", "trained_on"),
        }
        self.assertEqual(
            entered - written_by_ourselves,
            {
                ("crm.campaign.cost", "date"),
                ("crm.followup.step", "until_date"),
                ("crm.interaction", "date"),
                ("crm.tier.override", "date_to"),
                ("crm.kpi.target", "date_from"),
                ("crm.kpi.target", "date_to"),
            },
        )
        target = {"figure": "revenue", "amount": 5, "date_from": "2026-01-01", "date_to": "2026-12-31"}
        for name, day, label in (("date_from", "0001-01-01", "From"), ("date_to", "9999-12-31", "Until")):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, f"{label}: .*1900 and 2199"):
                self.env["crm.kpi.target"].create({**target, name: day})

    def test_what_earlier_versions_let_in_is_kept_by_the_upgrade_and_can_be_grouped(self):
        rows = self.log(partner_id=self.customer.id) | self.log(partner_id=self.customer.id)
        rows |= self.log(partner_id=self.customer.id, date="2026-01-02 03:04:05")
        tier = self.env["crm.tier"]._tiers_of(self.env.company)[0]
        override = self.env["crm.tier.override"].create(
            {"partner_id": self.customer.id, "tier_id": tier.id, "reason": "x", "date_to": "2199-12-31"}
        )
        self.env.flush_all()
        for row, moment in zip(rows, ("0001-01-01 00:00:00", "9999-12-31 23:00:00"), strict=False):
            self.env.cr.execute(SQL("UPDATE crm_interaction SET date = %s WHERE id = %s", moment, row.id))
        self.env.cr.execute(SQL("UPDATE crm_tier_override SET date_to = '9999-12-31' WHERE id = %s", override.id))
        path = file_path("crm_plus/migrations/19.0.2.0.0/post-20-years.py")
        spec = importlib.util.spec_from_file_location("years_upgrade", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(
            [str(row.date) for row in rows], ["1900-01-01 00:00:00", "2199-12-31 00:00:00", "2026-01-02 03:04:05"]
        )
        self.assertEqual(str(override.date_to), "2199-12-31")
        self.groupable(rows, "date")
        self.groupable(override, "date_to")

    def test_dates_that_are_sent_in_are_checked(self):
        for day, field in (
            ("0001-01-01T00:00:00+14:00", "date"),
            ("9999-12-31T23:59:59-14:00", "date"),
            ("1900-01-01", "date"),
            ("2039-01-01", "date"),
            ("10000-01-01", "date"),
            ("2026-02-30", "date"),
            (20260101, "date"),
            (["2026-01-01"], "date"),
        ):
            row = {"external_ref": "x", "partner_id": self.customer.id, "channel": "phone", "date": day}
            with self.subTest(day):
                [result] = self.env["crm.interaction"].with_user(self.seller).ingest([row])
                self.assertEqual((result["status"], result["field"]), ("error", field))

    def test_silence_is_compared_with_numbers(self):
        Partner = self.env["res.partner"].with_user(self.seller)
        self.log(partner_id=self.customer.id)
        mine = [("id", "=", self.customer.id)]
        for days in (0, -1, 10**6, -(10**6), 10**30, 1e300, float("inf"), 3.5):
            for operator in ("<", "<=", ">", ">=", "=", "!=", "in", "not in"):
                value = [days] if operator.endswith("in") else days
                with self.subTest(operator=operator, days=days):
                    Partner.search_count([*mine, ("silence_days", operator, value)])
        self.assertTrue(Partner.search_count([*mine, ("silence_days", "<", 10**30)]))
        self.assertFalse(Partner.search_count([*mine, ("silence_days", ">", 10**30)]))
        for days in ("abc", "7", [7], {"a": 1}, float("nan"), True):
            for operator in ("<", ">="):
                with self.subTest(operator=operator, days=days), self.assertRaisesRegex(UserError, "Days of silence"):
                    Partner.search_count([*mine, ("silence_days", operator, days)])

    def test_wrong_types_are_answered_in_words(self):
        rows = self.env["crm.interaction"].with_user(self.seller)
        scope = {"partner_id": self.customer.id}
        wrong = ("abc", 1.5, [], {}, [[]], {"a": []}, None, True, -1, 2**31, 10**40, float("nan"), "\0", "\ud800")
        for value in wrong:
            requests = [
                lambda v=value: rows.timeline_page(v),
                lambda v=value: rows.timeline_summary(v),
                lambda v=value: rows.timeline_page({"partner_id": v}),
                lambda v=value: rows.timeline_page({"lead_id": v}),
                lambda v=value: rows.timeline_summary(scope, v),
                lambda v=value: rows.timeline_page(scope, v),
                lambda v=value: rows.timeline_page(scope, {}, v),
                lambda v=value: rows.timeline_page(scope, {}, [v, v]),
                lambda v=value: rows.timeline_page(scope, {}, ["2026-01-01 00:00:00.000000", v]),
                lambda v=value: rows.timeline_page(scope, {}, None, v),
                lambda v=value: rows.ingest(v),
                lambda v=value: rows.ingest([v]),
                *(
                    lambda v=value, n=name: rows.timeline_page(scope, {n: v})
                    for name in (
                        "channel_ids", "partner_ids", "user_ids", "direction", "date_from", "date_to", "search", "x",
                    )
                ),
                *(
                    lambda v=value, n=name: rows.timeline_page(scope, {n: [v]})
                    for name in ("channel_ids", "partner_ids", "user_ids", "direction", "date_from", "search")
                ),
                lambda v=value: rows.with_context(tz=v).timeline_summary(scope),
            ]  # fmt: skip
            for number, request in enumerate(requests):
                with self.subTest(value=repr(value), request=number), self.env.cr.savepoint():
                    try:
                        request()
                    except UserError as answer:
                        self.assertTrue(str(answer))

    def test_buttons_of_sources_answer_for_none_many_and_missing_ones(self):
        manager = self._new_user("source_manager", "sales_team.group_sale_manager")
        sources = self.env["crm.interaction.source"].with_user(manager)
        for records in (sources, sources.search([], limit=3), sources.browse(2**31 - 7)):
            for button in ("action_reconcile", "action_rebuild"):
                with self.subTest(records=records, button=button):
                    try:
                        getattr(records, button)()
                    except UserError as answer:
                        self.assertTrue(str(answer))
