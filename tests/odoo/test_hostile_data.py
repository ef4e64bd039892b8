"""Every scheduled action, view, group and report of ours over databases as nobody wants them.

The same few in every run; `CRM_PLUS_HOSTILE=50 ./dev test tests/odoo/test_hostile_data.py` draws so many new ones.
"""

import ast
import logging
import os
import traceback
from contextlib import contextmanager

import hostile
from hypothesis import HealthCheck, Phase, given, settings
from lxml import etree
from odoo.tests.common import TransactionCase

NEW = int(os.environ.get("CRM_PLUS_HOSTILE", 0))
ADDON = "crm_plus"
# what a pivot or a graph adds up
MEASURED = ("integer", "float", "monetary")


class Complaints(logging.Handler):
    """What is logged at WARNING or above while it listens."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        text = f"{record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        self.said.append(text)


class TestHostileData(TransactionCase):
    test_tags = {"standard", "post_install"}
    test_module = ADDON
    test_sequence = 0

    @given(plan=hostile.databases)
    @settings(
        max_examples=NEW or 2,
        derandomize=not NEW,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def test_everything_runs_over_it(self, plan):
        with self.undone():
            made = hostile.fill(self.env, plan)
            problems = [*self.jobs(), *self.views(), *self.cards(made), *self.reports()]
            assert not problems, "\n\n".join(dict.fromkeys(problems))

    @contextmanager
    def undone(self):
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.env.registry.clear_all_caches()

    def tried(self, what, call):
        """What is wrong with a call: an error, or a complaint in the log."""
        heard = Complaints()
        logging.getLogger().addHandler(heard)
        try:
            with self.env.cr.savepoint():
                call()
        except Exception as error:  # whatever it is, it must not be
            yield f"{what}: {type(error).__name__}: {error}\n" + "".join(traceback.format_exc().splitlines(True)[-14:])
        finally:
            logging.getLogger().removeHandler(heard)
        yield from (f"{what}: {said}" for said in heard.said if ADDON in said)

    # ------------------------------------------------------------------ what is run

    def jobs(self):
        """All scheduled actions, as the server runs them, twice: the second finds what the first left."""
        known = self.env["ir.model.data"].search([("module", "=like", f"{ADDON}%"), ("model", "=", "ir.cron")])
        assert len(known) > 5
        for cron in [*(crons := self.env["ir.cron"].browse(known.mapped("res_id"))), *crons]:
            with self.enter_registry_test_mode():
                yield from self.tried(f"scheduled action {cron.name}", cron.method_direct_trigger)
        failing = self.env["crm.job"].search([]).filtered(lambda job: job.state == "failing")
        yield from (f"scheduled action {job.name} fails: {job.advice}" for job in failing)
        sources = self.env["crm.interaction.source"].search([]).filtered(lambda source: source.state == "broken")
        yield from (f"source {source.name} is broken: {source.error}" for source in sources)

    def views(self):
        """Every view of our actions with the records it shows, and every group that is offered."""
        known = self.env["ir.model.data"].search(
            [("module", "=like", f"{ADDON}%"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(known.mapped("res_id"))
        assert len(actions) > 10
        own = [name for name in self.env if self.env[name]._original_module.startswith(ADDON)]
        shown = {action.res_model: action for action in actions}
        for name in ("res.partner", "crm.lead", "sale.order", "account.move", "sale.report", "account.invoice.report"):
            shown.setdefault(name, None)
        for name in sorted(shown):
            model = self.env[name].with_context(active_test=False)
            if not model._transient:
                yield from self.view(model, name in own)

    def view(self, model, own):
        wanted = self.env["ir.ui.view"].search([("model", "=", model._name), ("mode", "=", "primary")]).mapped("type")
        kinds = [kind for kind in ("form", "list", "kanban", "search", "pivot", "graph") if kind in {*wanted, "search"}]
        found = model.get_views([(False, kind) for kind in kinds])["views"]
        arches = {kind: etree.fromstring(found[kind]["arch"]) for kind in kinds}
        names = {
            node.get("name")
            for kind in ("form", "list", "kanban")
            if kind in arches
            for node in arches[kind].iter("field")
            if node.get("name") in model._fields
            and not node.xpath("ancestor::field")
            # of the host's records only what we add
            and (own or (model._fields[node.get("name")]._module or "").startswith(ADDON))
        }
        specification = {name: {} for name in names}
        yield from self.tried(f"records of {model._name}", lambda: model.web_search_read([], specification, limit=500))
        for group in self.groups(model, arches, own):
            measures = ["__count", *self.measures(model, own)]
            yield from self.tried(
                f"{model._name} by {group}", lambda group=group, measures=measures: model.formatted_read_group(
                    [], [group], measures, limit=200
                ),
            )  # fmt: skip
        for domain in self.filters(arches["search"], own):
            yield from self.tried(f"{model._name} where {domain}", lambda domain=domain: model.search(
                self.evaluated(domain), limit=80))  # fmt: skip

    def groups(self, model, arches, own):
        """Everything that a search view, pivot or graph groups by; dates by month, where the view leaves it open."""
        names = [self.group_of(node) for node in arches["search"].iter("filter")]
        names += [
            ":".join(filter(None, (node.get("name"), node.get("interval"))))
            for kind in {"pivot", "graph"} & arches.keys()
            for node in arches[kind].iter("field")
            if node.get("type") in ("row", "col") or (kind == "graph" and node.get("type") != "measure")
        ]
        for name in filter(None, names):
            field = model._fields[name.split(":")[0].split(".")[0]]
            if own or (field._module or "").startswith(ADDON):
                yield f"{name}:month" if field.type in ("date", "datetime") and ":" not in name else name

    def group_of(self, node):
        context = node.get("context") or ""
        return ast.literal_eval(context).get("group_by") if "group_by" in context else None

    def measures(self, model, own):
        for name, field in model._fields.items():
            ours = own or (field._module or "").startswith(ADDON)
            summed = field.type in MEASURED and field.aggregator and name not in ("id", "res_id", "document_id")
            if ours and summed and (field.store or field.search):
                yield f"{name}:{field.aggregator}"

    def filters(self, search, own):
        for node in search.iter("filter"):
            if node.get("domain") and (own or node.get("domain") not in ("[]",)):
                yield node.get("domain")

    def evaluated(self, domain):
        """A domain of a search view, as the client makes it: only what does not depend on the day there."""
        try:
            return ast.literal_eval(domain)
        except ValueError:
            return []

    def cards(self, made):
        """What the widgets of forms ask for, one record after the other."""
        entries, profiles = self.env["crm.interaction"], self.env["crm.customer.profile"]
        for lead in made["crm.lead"]:
            yield from self.tried(f"score card of {lead}", lead.score_card)
            yield from self.tried(f"timeline of {lead}", lambda lead=lead: entries.timeline_page({"lead_id": lead.id}))
        for customer in made["res.partner"]:
            scope = {"partner_id": customer.id}
            for call in (
                lambda scope=scope: entries.timeline_page(scope),
                lambda scope=scope: entries.timeline_summary(scope),
                lambda customer=customer: profiles.glance_details(customer.id),
                lambda customer=customer: customer.read(["data_quality_note", "last_interaction_date", "silence_days"]),
            ):
                yield from self.tried(f"cards of {customer}", call)
        for order in made["sale.order"]:
            yield from self.tried(f"suggestions for {order}", order.get_product_suggestions)

    def reports(self):
        """Maps, curves and previews."""
        profiles, stays = self.env["crm.customer.profile"], self.env["crm.segment.membership"]
        calls = {
            "segment map": profiles.segment_map,
            "pareto curve": profiles.pareto_curve,
            "concentration": profiles.get_concentration,
            "retention": self.env["crm.customer.cohort"].get_retention,
            "movement": lambda: stays.movement("0001-01-01", "9999-12-31"),
            "preview of a rule": lambda: self.env["crm.score.rule"].preview_rule(
                {"name": "x", "kind": "fit", "points": 5, "domain": "[('expected_revenue', '>', 0)]"}
            ),
            "capacity": lambda: self.env["crm.score.capacity"].create({}).read(),
        }
        for what, call in calls.items():
            yield from self.tried(what, call)
