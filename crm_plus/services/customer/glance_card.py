"""What the card of a customer shows of today and of a past day alike."""

from datetime import date

from odoo import fields
from odoo.tools.misc import format_amount

from ...engine.customer.recommendation import recommends
from . import amounts, words
from .glance_facts import MESSAGES, GlanceFacts

# Ratings up to the one are bad, those from the other on are good; of 5.
BAD_RATING, GOOD_RATING = 2, 4
# What an answer to whether they would recommend us says of the mood.
RECOMMENDS = {"promoter": "low", "passive": "medium", "detractor": "high"}


class GlanceCard:
    """The card of a partner in the current company as of a day, with the rights of who looks: what they may not read is
    left out, what cannot be known says so."""

    def __init__(self, env, partner, day):
        self.env, self.company, self.day = env, env.company, day
        self.partner, self.customer = partner, partner.commercial_partner_id
        self.given = GlanceFacts(env, self.customer, day)
        self.facts = self._fetch()

    def _fetch(self):
        return self.given.fetch()

    def card(self):
        """The figures, and what else the day allows to say (`parts`); "none" for one of the own companies."""
        if self.facts["own"].get("company"):
            return {"state": "none"}
        figures = self._explained()
        return {
            "state": "ready",
            "customer_id": self.customer.id,
            "name": self.partner.complete_name or "",
            "customer": self.customer.complete_name if self.customer != self.partner else False,
            "day": str(self.day) if self.given.is_past else False,
            "today": str(self.company._crm_plus_today()),
            "figures": figures,
            **self.parts({figure["key"]: figure.get("opens") for figure in figures}),
        }

    def _explained(self):
        """The figures there are, each of which says in the end as of when it is."""
        shown = [figure for figure in self.figures() if figure]
        for figure in shown:
            figure["why"] += filter(None, [self._as_of(figure["key"])])
        return shown

    def _as_of(self, _key):
        return self.env._("As of %s.", self.day)

    def figures(self):
        return [
            self._worth(), self._segment(), self._tier(), self._risk(), self._rhythm(), self._mood(), self._money(),
            self._contact(), self._step(),
        ]  # fmt: skip

    # ------------------------------------------------------------------ helpers

    def _figure(self, key, label, value, detail="", why=(), **more):
        detail = " · ".join(filter(None, [detail] if isinstance(detail, str) else detail))
        return {"key": key, "label": label, "value": value, "detail": detail, "why": list(filter(None, why)), **more}

    def _unknown(self, key, label, why):
        return self._figure(key, label, self.env._("Not known"), "", [why], level="unknown")

    def _records(self, model, domain, name):
        """What a figure opens: these records, if the user may read such."""
        return self.env[model].has_access("read") and {"res_model": model, "domain": domain, "name": name}

    def _orders(self):
        """The documents that are revenue."""
        mine = [("company_id", "=", self.company.id)]
        if self.company.crm_plus_revenue_basis == "invoice":
            posted = [("state", "=", "posted"), ("move_type", "in", ["out_invoice", "out_refund"])]
            until = [("invoice_date", "<=", str(self.day))] if self.given.is_past else []
            invoices = [("commercial_partner_id", "=", self.customer.id), *mine, *posted, *until]
            return self._records("account.move", invoices, self.env._("Invoices"))
        until = [("date_order", "<", str(self.given.end))] if self.given.is_past else []
        orders = [("partner_id.commercial_partner_id", "=", self.customer.id), *mine, ("state", "=", "sale"), *until]
        return self._records("sale.order", orders, self.env._("Orders"))

    def _members(self, path, place):
        """The contacts in a segment or tier."""
        return self._records("res.partner", [(path, "=", place["id"])], place["name"])

    def _amount(self, amount):
        return format_amount(self.env, amount, self.company.currency_id)

    def _amount_note(self):
        """Why amounts of this customer are not shown to this user; False when they are."""
        note = amounts.note(self.env, self.company)
        return note and not amounts.may_read(self.env, self.company, self.customer) and note

    def _day_of(self, moment):
        """The day, where the company is, of a moment as JSON has it."""
        return moment and self.company._crm_plus_day(fields.Datetime.to_datetime(moment[:19].replace("T", " ")))

    def _local_day(self, moment):
        return str(self.company._crm_plus_day(moment)) if moment else ""

    def _ago(self, day):
        return words.ago(self.env, max((self.day - day).days, 0))

    # ------------------------------------------------------------------ figures

    def _who(self, since):
        """Where they are, since when they buy, and who looks after them."""
        who = self.facts["who"]
        place = ", ".join(filter(None, (who.get("city"), who.get("country"))))
        parts = (
            self._since(since),
            place,
            who.get("salesperson") and self.env._("salesperson: %s", who["salesperson"]),
        )
        return " · ".join(filter(None, parts))

    def _since(self, day):
        return self.env._("customer since %s", day) if day else ""

    def _mood(self):
        """How they feel, as far as they have said so: the last rating, whether they would recommend us, a message that
        waits for an answer, and what they have asked for that is not done."""
        waiting = self._day_of(self.facts["waiting"].get("date"))
        said = sorted(filter(None, (self._rated(), self._recommended())))
        count = self.facts["tickets"].get("count")
        asked = count and self.given.tickets.text(count)
        if said:
            _date, value, level, _why = said[-1]
            detail = [waiting and self.env._("message unanswered since %s", waiting), asked]
        elif waiting:
            value, level = self.env._("Waiting for an answer"), "high"
            detail = [self.env._("since %s", waiting), asked]
        elif asked:
            value, level, detail = asked, "medium", []
        else:
            return None
        why = [line for _date, _value, _level, line in said]
        if said:
            why.append(self.env._("Whatever they say next changes it."))
        if waiting:
            why.append(self.env._("A message of %s has no answer yet. Any outgoing contact settles it.", waiting))
        if asked:
            why.append(self.env._("%s of this customer, as far as you may open them. Closing them changes it.", asked))
        return self._figure(
            "mood", self.env._("Mood"), value, detail, why, level=level, opens=self._mood_opens(waiting, asked)
        )

    def _mood_opens(self, waiting, asked):
        """What is to be answered, else what is to be done."""
        if waiting:
            mine = [("partner_id.commercial_partner_id", "=", self.customer.id), ("direction", "=", "in")]
            mine.append(("channel_id.code", "in", MESSAGES))
            return self._records("crm.interaction", mine, self.env._("Incoming interactions"))
        tickets = self.given.tickets
        return self._records(tickets.name, list(tickets.domain()), asked) if asked else None

    def _rated(self):
        """(date, text, level, explanation) of the last rating."""
        rating = self.facts["rating"]
        if not rating:
            return None
        level = "low" if rating["rating"] >= GOOD_RATING else "medium" if rating["rating"] > BAD_RATING else "high"
        why = self.env._("The last rating, given on %s.", self._day_of(rating["date"]))
        return rating["date"], self.env._("Rated %s of 5", f"{rating['rating']:g}"), level, why

    def _recommended(self):
        """The same of the last answer to whether they would recommend us."""
        said = self.facts["recommended"]
        if not said:
            return None
        text = self.env._("Would recommend us: %s of 10", f"{said['score']:g}")
        why = self.env._("%(answer)s, answered on %(day)s.", answer=text, day=self._day_of(said["date"]))
        return said["date"], text, RECOMMENDS[recommends(said["score"])], why

    def _money(self):
        money = self.facts["money"]
        if "open" not in money:
            return None
        overdue = money["overdue"]
        detail = self.env._("%s overdue", self._amount(overdue)) if overdue > 0 else ""
        first = money["due"]
        if not detail and first:
            detail = self.env._("first due %s", first)
        why = [
            self.env._("Open amounts of posted invoices, net of credit notes, as far as you may open them."),
            first and self.env._("The first one is due on %s.", first),
            self._money_note(),
        ]
        level = "high" if overdue > 0 else "low"
        label = self.env._("Open invoices")
        return self._figure(
            "money", label, self._amount(money["open"]), detail, why, level=level, opens=self._open_invoices(label)
        )

    def _money_note(self):
        return self.env._("Payments in Invoicing settle them.")

    def _open_invoices(self, _label):
        return None

    def _contact(self):
        contact = self.facts["contact"]
        label = self.env._("Last contact")
        until = [("date", "<", str(self.given.end))] if self.given.is_past else []
        mine = [("partner_id.commercial_partner_id", "=", self.customer.id), *until]
        opens = self._records("crm.interaction", mine, self.env._("Interactions"))
        if not contact:
            why = self.env._("No contact that you may see.")
            return self._figure("contact", label, self.env._("None"), "", [why], opens=opens)
        day = self._day_of(contact["date"])
        directions = {"in": self.env._("incoming"), "out": self.env._("outgoing")}
        detail = f"{contact['channel']}, {directions.get(contact['direction'], '')}"
        why = [
            self.env._("%(channel)s on %(day)s, of those you may see.", channel=contact["channel"], day=day),
            self.env._("Whatever is recorded or logged on the timeline changes it."),
        ]
        return self._figure("contact", label, self._ago(day), detail, why, opens=opens)

    def _step(self):
        step = self.facts["step"]
        label = self.env._("Next step")
        if not step:
            why = self.env._("No activity is planned with this customer or for their leads.")
            return self._figure("step", label, self.env._("None"), "", [why, self._step_changes()])
        late = date.fromisoformat(step["day"]) < self.day
        why = [
            self.env._("The first open activity with this customer or for their leads."),
            self.env._("It was due on %s.", step["day"]) if late else self.env._("It is due on %s.", step["day"]),
            self._step_changes(),
        ]
        value = step["summary"] or step["kind"] or self.env._("Activity")
        about = self._records(step["res_model"], [("id", "=", step["res_id"])], value)
        return self._figure("step", label, value, step["day"], why, level="high" if late else "low", opens=about)

    def _step_changes(self):
        return self.env._("Planning activities, and marking them as done, changes it.")
