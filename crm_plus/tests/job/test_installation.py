"""An installation computes nothing while it holds its locks: scheduled actions do, right after."""

from unittest.mock import patch

from odoo.addons.crm_plus import post_init_hook
from odoo.addons.crm_plus.models.job.crm_job import FIRST
from odoo.addons.crm_plus.services.job import installation
from odoo.tests import tagged

from ..interaction.common import TimelineCase


@tagged("post_install", "-at_install")
class TestInstallation(TimelineCase):
    def test_it_wakes_what_computes_and_computes_nothing(self):
        triggers = self.env["ir.cron.trigger"].search([])
        order = self.new_order()
        order.action_confirm()
        self.env.flush_all()
        with self.assertQueryCount(30):
            post_init_hook(self.env)
            self.env.flush_all()
        woken = (self.env["ir.cron.trigger"].search([]) - triggers).cron_id
        self.assertEqual(woken, self.env["ir.cron"].browse(self.env.ref(f"crm_plus.{name}").id for name in FIRST))

    def test_what_is_woken_runs_in_its_order(self):
        priorities = [self.env.ref(f"crm_plus.{name}").priority for name in FIRST]
        self.assertEqual(priorities, sorted(set(priorities)))

    def test_tables_of_the_host_get_plain_columns_which_take_no_time_however_many_rows_there_are(self):
        found = set()
        for model in self.env.values():
            of_host = not model._original_module.startswith("crm_plus")
            if model._auto and not model._abstract and not model._transient and of_host:
                added = [field for field in model._fields.values() if field._modules == ("crm_plus",)]
                stored = [field for field in added if field.store and field.column_type]
                self.assertEqual(installation.columns_of(model, "crm_plus"), stored, "nothing is computed and stored")
                self.assertFalse([field.name for field in stored if field.index])
                if stored:
                    found.add(model._name)
        self.assertIn("res.company", found)
        # Tables with many rows get no column that anybody has to fill: these two tell what happens from now on.
        empty = {"sale.order": ["crm_canceled_date"], "mail.message": ["crm_is_automatic"]}
        for name in ("res.partner", "crm.lead", "sale.order", "account.move", "mail.message"):
            fields = self.env[name]._fields.values()
            added = [f for f in fields if f._modules == ("crm_plus",) and f.store and f.column_type]
            self.assertEqual([field.name for field in added], empty.get(name, []))
            self.assertFalse([field.name for field in added if field.default or field.required])

    def test_an_installation_goes_on_without_an_action_that_was_deleted(self):
        self.env.ref("crm_plus.ir_cron_rescore").unlink()
        post_init_hook(self.env)

    def test_the_newest_records_of_every_source_come_before_the_older_ones_of_any(self):
        sources = self.source("order") | self.source("lead_created")
        for _number in range(3):
            self.new_order().action_confirm()
            self.new_lead()
        self.commit()
        others = self.env["crm.interaction.source"].search([("kind", "=", "records")]) - sources
        others.backfill_done = True
        sources._restart_backfill()
        steps, run = [], type(sources)._backfill_step

        def small(source):
            done = run(source, step=source.backfill_total // 2 + 1)
            steps.append((source.code, done))
            return done

        with patch.object(type(sources), "_backfill_step", small), self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_backfill").method_direct_trigger()
        self.assertEqual({code for code, _done in steps[:2]}, set(sources.mapped("code")), "both begin")
        self.assertTrue(all(sources.mapped("backfill_done")))
