"""The first steps of a company with CRM Plus: what has been done, found out from what there is, and what is next."""

from datetime import timedelta

from odoo.fields import Datetime, Domain
from odoo.tools import SQL, format_amount, format_list

from ...engine.score.hot import HOT_FROM
from ..customer import amounts, documents, words
from ..sql import ADD_UP

# The steps, in order. What nothing in the database can tell, such as having looked at something, is marked by people.
STEPS = ("history", "revenue", "fit", "segments", "tiers", "hot", "prediction", "readers", "mail")
# Whose mark hides the whole list.
ALL = "all"
YEAR = timedelta(days=365)
ADMINISTRATOR = "base.group_system"
SET_BY_ADMINISTRATORS = ("revenue", "readers")


class StartList:
    """The steps of the current company, with the rights of a manager or administrator who looks at them."""

    def __init__(self, env):
        self.env, self.company = env, env.company

    def steps(self, marked):
        """``[{"code", "title", "state", "marked", "text", "progress", "button"}]``: the state is ``"done"``,
        ``"running"`` (it goes on by itself), ``"problem"`` or ``"open"``, and ``marked`` whether it is done only since
        its code is among those of ``marked``, which somebody has marked as done.

        A button has a ``name`` and either the ``action`` it opens or the scheduled action (``job``) it has run.
        """
        return [self._step(code, code in marked) for code in STEPS]

    def _step(self, code, is_marked):
        found = getattr(self, f"_{code}")()
        marked = is_marked and found["state"] == "open"
        state = "done" if marked else found["state"]
        if code in SET_BY_ADMINISTRATORS and not found["button"]:
            found["text"] += " " + self.env._("An administrator changes it in the settings.")
        return {"progress": False, "button": False, **found, "code": code, "state": state, "marked": marked}

    # ------------------------------------------------------------------ what is computed

    def _history(self):
        sources = self.env["crm.interaction.source"].search([("kind", "=", "records")])
        sources = sources.filtered(lambda source: source.state != "dormant")
        broken = sources.filtered(lambda source: source.state == "broken")
        waiting = sources.filtered(lambda source: not source.backfill_done)
        progress = sum(sources.mapped("backfill_progress")) / len(sources) if sources else 100
        if broken:
            text = self.env._("These sources do not work: %s.", format_list(self.env, broken.mapped("name")))
        elif waiting:
            text = self.env._(
                "%(loaded)s of %(all)s sources are loaded. The rest follows by itself; timelines fill meanwhile.",
                loaded=len(sources - waiting),
                all=len(sources),
            )
        else:
            text = self.env._("Emails, meetings, calls, orders and payments of %s sources are loaded.", len(sources))
        return {
            "title": self.env._("Interaction history"),
            "state": "problem" if broken else "running" if waiting else "done",
            "text": text,
            "progress": round(progress) if waiting else False,
            "button": self._opens(self.env._("Interaction sources"), "crm_interaction_source_action"),
        }

    def _revenue(self):
        basis = dict(self.company._fields["crm_plus_revenue_basis"]._description_selection(self.env))
        return {
            "title": self.env._("What counts as revenue"),
            "state": "open",
            "text": self.env._(
                "Now: %(basis)s. In the last 12 months there are %(orders)s from confirmed orders, and %(invoices)s "
                "from posted invoices.",
                basis=basis[self.company.crm_plus_revenue_basis],
                orders=self._year_text(documents.order_query(self.company, SQL("TRUE"))),
                invoices=self._year_text(
                    documents.invoice_query(self.company, ("out_invoice", "out_refund"), SQL("TRUE"))
                ),
            ),
            "button": self._settings(),
        }

    def _year_text(self, query):
        """Customers and amount of the last year by one kind of documents."""
        self.env.flush_all()
        [[customers, amount]] = self.env.execute_query(
            SQL(
                """%s SELECT count(DISTINCT partner_id) FILTER (WHERE is_order), COALESCE(sum(amount), 0)::float8
                     FROM (%s) d WHERE moment >= %s""",
                ADD_UP,
                query,
                Datetime.now() - YEAR,
            )
        )
        if amounts.note(self.env, self.company):
            return self._customers(customers)
        return self.env._(
            "%(amount)s of %(customers)s",
            amount=format_amount(self.env, amount, self.company.currency_id),
            customers=self._customers(customers),
        )

    def _customers(self, count):
        return words.customers(self.env, count if count == 1 else f"{count:,}")

    def _segments(self):
        title = self.env._("Customer segments")
        if waiting := self._not_computed():
            return {"title": title, **waiting}
        placed = self.env["crm.customer.profile"]._read_group(
            [("company_id", "=", self.company.id), ("segment_id", "!=", False)],
            ["segment_id"],
            ["__count"],
            order="__count desc",
        )
        if not placed:
            text = self.env._("No customers yet. They are placed in segments within minutes of their first order.")
        else:
            text = self.env._(
                "%(customers)s in %(segments)s segments; most are in %(largest)s. See whether the names fit.",
                customers=self._customers(sum(count for _segment, count in placed)),
                segments=len(placed),
                largest=placed[0][0].name,
            )
        button = self._opens(self.env._("Segment map"), "crm_segment_map_action")
        return {"title": title, "state": "open", "text": text, "button": button}

    def _tiers(self):
        title = self.env._("Loyalty tiers")
        if waiting := self._not_computed():
            return {"title": title, **waiting}
        tiers = self.env["crm.tier"]._tiers_of(self.company)
        counts = tiers._customer_counts(self.company)
        have = format_list(self.env, [f"{tier.name}: {counts.get(tier, 0):,}" for tier in tiers])
        text = self.env._("Customers in each tier: %s. Set thresholds that few of them reach.", have)
        return {
            "title": title,
            "state": "open",
            "text": text if tiers else self.env._("There are no tiers. Add those that your customers should reach."),
            "button": self._opens(self.env._("Tiers"), "crm_tier_action"),
        }

    def _not_computed(self):
        """The step, as long as the figures of customers have never been computed."""
        code = "ir_cron_refresh_profiles"
        return not self.company.crm_plus_profile_date and {
            "state": "running",
            "text": self.env._(
                "Customers are being computed for the first time (%s).", self.env["crm.job"]._when(code)
            ),
            "button": {"name": self.env._("Compute now"), "job": code},
        }

    # ------------------------------------------------------------------ leads

    def _fit(self):
        rules = self.env["crm.score.rule"].search(
            [("kind", "=", "fit"), ("state", "=", "active"), ("company_id", "in", [self.company.id, False])]
        )
        about = rules.filtered(lambda rule: "country_id'" in (rule.domain or "") and "in'" in rule.domain)
        if about:
            text = self.env._("Fit asks for your markets: %s.", format_list(self.env, about.mapped("name")))
        else:
            text = self.env._(
                "The rules that come with CRM Plus ask whether a lead is complete. Say whom you sell to: have rules "
                "proposed from your won leads, or complete the draft “In one of our target markets”."
            )
        return {
            "title": self.env._("Your markets in the lead score"),
            "state": "done" if about else "open",
            "text": text,
            "button": self._opens(self.env._("Score rules"), "crm_score_rule_action"),
        }

    def _hot(self):
        open_leads = Domain("won_status", "=", "pending") & Domain("company_id", "in", [self.company.id, False])
        leads = self.env["crm.lead"]
        if not leads.has_access("read"):
            count, hot = 0, 0
        else:
            count = leads.search_count(open_leads)
            hot = leads.search_count(open_leads & Domain("is_hot", "=", True))
        return {
            "title": self.env._("When a lead is hot"),
            "state": "open" if self.company.crm_plus_hot_score == HOT_FROM else "done",
            "text": self.env._(
                "From a score of %(score)s. Of %(count)s open leads, %(hot)s are hot: as many as your team can call is "
                "right.",
                score=f"{self.company.crm_plus_hot_score:g}",
                count=f"{count:,}",
                hot=f"{hot:,}",
            ),
            "button": self._opens(self.env._("Threshold by capacity"), "crm_score_capacity_action"),
        }

    def _prediction(self):
        versions = self.env["crm.score.model"]
        latest = versions.search([("company_id", "=", self.company.id), ("team_id", "=", False)], limit=1)
        published = versions._published(self.company)
        if published:
            state, text = "done", self.env._("%s predicts which leads are won.", published.display_name)
        elif latest.shortfall_text:
            state, text = "open", latest.shortfall_text
        elif latest:
            state, text = "open", self.env._("A version waits to be published.")
        else:
            when = self.env["crm.job"]._when("ir_cron_train_predictions")
            state, text = "open", self.env._("Not trained yet (%s).", when)
        return {
            "title": self.env._("First prediction"),
            "state": state,
            "text": text,
            "button": self._opens(self.env._("Predictions"), "crm_score_model_action"),
        }

    # ------------------------------------------------------------------ people

    def _readers(self):
        setting = dict(self.company._fields["crm_plus_amounts"]._description_selection(self.env))
        groups = [amounts.USER, amounts.MANAGER, amounts.READER]
        sales, managers, readers = (self._user_count(name) for name in groups)
        return {
            "title": self.env._("Who sees what"),
            "state": "open",
            "text": self.env._(
                "Revenue and lifetime value: %(setting)s. Users of this company: %(sales)s in sales, %(managers)s of "
                "them managers; %(readers)s readers, service and marketing.",
                setting=setting[self.company.crm_plus_amounts],
                sales=sales,
                managers=managers,
                readers=readers,
            ),
            "button": self._settings(),
        }

    def _user_count(self, group):
        # sudo: how many people have a right, not who.
        return self.env["res.users"].sudo().search_count(
            [
                ("company_ids", "in", self.company.ids),
                ("share", "=", False),
                ("all_group_ids", "in", self.env.ref(group).ids),
            ]
        )  # fmt: skip

    def _mail(self):
        title = self.env._("Mail to a segment")
        if "mailing.mailing" not in self.env:
            return self._write_to_contacts(
                title,
                self.env._(
                    "Contacts can be filtered and grouped by segment, and written to from the list. With the app Email "
                    "Marketing, a mailing can have a segment as its recipients."
                ),
            )
        if not self.env["mailing.mailing"].has_access("create"):
            return self._write_to_contacts(
                title,
                self.env._(
                    "Contacts can be filtered and grouped by segment, and written to from the list. Whoever has rights "
                    "in Email Marketing can send a mailing to a segment."
                ),
            )
        to_segments = self.env["crm.start.step"]._mailings_to_segments()
        sent = self.env["mailing.mailing"].search_count(to_segments, limit=1)
        if sent:
            text = self.env._("There is a mailing to a segment.")
        else:
            text = self.env._("Recipients of a mailing are chosen by a filter on contacts, such as their segment.")
        return {
            "title": title,
            "state": "done" if sent else "open",
            "text": text,
            "button": {"name": self.env._("New mailing"), "action": self._new_mailing()},
        }

    def _write_to_contacts(self, title, text):
        button = self._opens(self.env._("Contacts"), "contacts.action_contacts")
        return {"title": title, "state": "open", "text": text, "button": button}

    def _new_mailing(self):
        """A window with a mailing to the segment that has most customers."""
        placed = self.env["crm.customer.profile"]._read_group(
            [("company_id", "=", self.company.id), ("segment_id", "!=", False)],
            ["segment_id"],
            ["__count"],
            order="__count desc",
            limit=1,
        )
        domain = [("crm_segment_id", "=", segment.id) for segment, _count in placed]
        # sudo: the number of the model of contacts.
        partners = self.env["ir.model"].sudo()._get_id("res.partner")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mail to a segment"),
            "res_model": "mailing.mailing",
            "views": [(False, "form")],
            "context": {"default_mailing_model_id": partners, "default_mailing_domain": repr(domain)},
        }

    # ------------------------------------------------------------------ buttons

    def _opens(self, name, action):
        return {"name": name, "action": action if "." in action else f"crm_plus.{action}"}

    def _settings(self):
        """The settings, for who may open them."""
        if not self.env.user.has_group(ADMINISTRATOR):
            return False
        return self._opens(self.env._("Settings"), "crm.crm_config_settings_action")
