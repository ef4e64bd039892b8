"""Fit rules that a company's own won and lost leads speak for: where customers are, what they do, who writes to us."""

from odoo.fields import Domain
from odoo.tools import format_list

from ...engine.score.proposals import Counts, proposed_points

# With fewer there is nothing to learn from.
FEWEST_WON = FEWEST_LOST = 20
WON, LOST = "won", "lost"
ROLES = ("director", "manager", "head of", "owner", "founder", "president", "chief", "ceo", "cto", "cfo")
# The host keeps the domain of a company's address, and the whole address where a provider gives it to everybody.
COMPANY_ADDRESS = [("email_domain_criterion", "=like", "@%")]
FREE_ADDRESS = ["&", ("email_domain_criterion", "!=", False), "!", *COMPANY_ADDRESS]


class Proposals:
    """The proposals for a company; leads are counted with the rights of who asks."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.leads = env["crm.lead"].with_context(active_test=False)
        self.closed = Domain("won_status", "in", (WON, LOST)) & Domain("company_id", "in", [company.id, False])
        self.everybody = self._count(Domain.TRUE)

    def is_enough(self):
        """Whether there are leads to learn from."""
        return self.everybody.won >= FEWEST_WON and self.everybody.lost >= FEWEST_LOST

    def shortfall(self):
        """What is missing, in words."""
        return self.env._(
            "Proposals need at least %(won)s won and %(lost)s lost leads. There are %(has_won)s and %(has_lost)s.",
            won=FEWEST_WON,
            lost=FEWEST_LOST,
            has_won=self.everybody.won,
            has_lost=self.everybody.lost,
        )

    def rules(self):
        """Values of a draft rule each, with its points and what they are based on; the most telling first."""
        found = [
            *self._by_record("country_id", self.env._("In a market where we win"), self.env._("Outside our markets")),
            *self._by_record(
                "partner_id.industry_id", self.env._("Industry where we win"), self.env._("Industry where we lose")
            ),
            self._rule(self.env._("Company email address"), COMPANY_ADDRESS),
            self._rule(self.env._("Free email address"), FREE_ADDRESS),
            self._rule(self.env._("Person who decides"), self._roles()),
        ]
        return sorted(filter(None, found), key=lambda rule: -abs(rule["points"]))

    def _roles(self):
        return list(Domain.OR(Domain("function", "ilike", role) for role in ROLES))

    def _by_record(self, path, good_name, bad_name):
        """Two rules: one about the values that leads with which are won more often, one about the others."""
        counts = {}
        groups = self.leads._read_group(self.closed & Domain(path, "!=", False), [path, "won_status"], ["__count"])
        for record, status, count in groups:
            counts.setdefault(record, {})[status] = count
        points = {
            record: proposed_points(Counts(found.get(WON, 0), found.get(LOST, 0)), self.everybody)
            for record, found in counts.items()
        }
        for name, sign in ((good_name, 1), (bad_name, -1)):
            chosen = [record for record in counts if points[record] * sign > 0]
            if chosen:
                records = chosen[0].union(*chosen)
                names = format_list(self.env, records.mapped("display_name"))
                title = self.env._("%(rule)s: %(names)s", rule=name, names=names)
                yield self._rule(title, [(path, "in", records.ids)])

    def _rule(self, name, domain):
        having = self._count(Domain(domain))
        points = proposed_points(having, self.everybody)
        others = self.everybody - having
        return points and {
            "name": name,
            "kind": "fit",
            "state": "draft",
            "applies_on": "lead",
            "company_id": self.company.id,
            "domain": repr(domain),
            "points": points,
            "proposal_note": self.env._(
                "%(share)s%% of %(count)s such leads were won, %(other_share)s%% of the other %(others)s.",
                share=round(100 * having.share),
                count=having.total,
                other_share=round(100 * others.share),
                others=others.total,
            ),
        }

    def _count(self, domain):
        counts = dict(self.leads._read_group(self.closed & domain, ["won_status"], ["__count"]))
        return Counts(counts.get(WON, 0), counts.get(LOST, 0))
