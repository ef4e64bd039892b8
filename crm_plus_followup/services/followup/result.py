"""Whether contacting customers worked: those reached beside those held out, in words."""

import math

from odoo.tools import SQL
from odoo.tools.misc import format_amount

from ...engine.followup import uplift
from .outcomes import Outcomes, of_arms

# What is compared, in the order in which it is told. Amounts are per customer.
SHARES, AMOUNTS = ("ordered", "retention", "replied"), ("revenue", "margin")
# The share of customers who order, where nothing is known of it yet.
USUAL_RATE = 0.1


class Result:
    """What a rule, or all of them in a company, changed; how sure that is; and what could be seen at all."""

    def __init__(self, env, company, units, days, percent):
        """``units``: see `outcomes.of_arms`; ``percent``: the share that is held out now."""
        self.env, self.company, self.days, self.percent = env, company, days, percent
        found = of_arms(env, company, units, days)
        self.reached, self.held_out = (found.get(held, Outcomes()) for held in (False, True))

    def text(self, expected=0):
        """All of it in words; ``expected``: how many customers there will be, for what can be seen beforehand."""
        env = self.env
        if not self.percent and not self.held_out.size:
            return env._(
                "Nobody is held out, so what customers did cannot be compared. Hold out a share of them to know."
            )
        if not self.reached.size + self.held_out.size:
            return self._beforehand(expected) or env._("There are too few customers to say anything yet.")
        lines = [
            env._(
                "Reached: %(reached)s. Held out: %(held)s. What they did within %(days)s days:",
                reached=self.reached.size,
                held=self.held_out.size,
                days=self.days,
            ),
            *(self._line(name) for name in ("ordered", "revenue", "margin", "retention", "replied")),
        ]
        said = [self._compared(name) for name in (*SHARES, *AMOUNTS)]
        if all(found.low is None for found in said):
            lines.append(env._("There are too few customers to say anything yet."))
        else:
            lines.append(env._("Each interval holds in 95 of 100 cases, and may be looked at every day."))
        lines.append(self._detectable_line())
        return "\n".join(line for line in lines if line)

    def _compared(self, name):
        arms = self.reached.arm(name), self.held_out.arm(name)
        return uplift.sequential(*arms, is_share=name in SHARES)

    def _line(self, name):
        """What those reached did, what those held out did, and the difference with its interval."""
        if name == "margin" and self.reached.margin is None and self.held_out.margin is None:
            return None
        reached, held_out = self.reached.arm(name), self.held_out.arm(name)
        if name == "retention" and not reached.size + held_out.size:
            return None
        show = self._points if name in SHARES else self._amount
        unit = "%" if name in SHARES else ""
        line = self.env._(
            "%(what)s: %(reached)s of those reached, %(held)s of those held out.",
            what=self._labels()[name],
            reached=show(reached.mean) + unit,
            held=show(held_out.mean) + unit,
        )
        return f"{line} {self._difference(self._compared(name), show)}"

    def _labels(self):
        return {
            "ordered": self.env._("Ordered"),
            "revenue": self.env._("Revenue per customer"),
            "margin": self.env._("Margin per customer"),
            "retention": self.env._("Ordered again (had ordered in the year before)"),
            "replied": self.env._("Replied"),
        }

    def _difference(self, found, show):
        values = {"difference": show(found.difference)}
        if found.low is None:
            return self.env._("Difference: %(difference)s, too little to say anything.", **values)
        values |= {"low": show(found.low), "high": show(found.high)}
        if found.is_noise:
            return self.env._("Difference: %(difference)s, between %(low)s and %(high)s: this may be chance.", **values)
        return self.env._("Difference: %(difference)s, between %(low)s and %(high)s.", **values)

    def _points(self, number):
        return f"{100 * number:.1f}"

    def _amount(self, value):
        return format_amount(self.env, value, self.company.currency_id)

    def _detectable_line(self):
        arms = self.reached.arm("ordered"), self.held_out.arm("ordered")
        size = sum(arm.size for arm in arms)
        rate = sum(arm.total for arm in arms) / size
        least = uplift.detectable(*(arm.size for arm in arms), math.sqrt(max(rate * (1 - rate), 0.01)))
        if least is None:
            return None
        return self.env._("With so many customers, a difference of %s points or more is probably seen.",
                          self._points(least))  # fmt: skip

    def _beforehand(self, expected):
        """What can be seen with so many customers, before any has been reached."""
        held_out = round(expected * self.percent / 100)
        deviation = math.sqrt(USUAL_RATE * (1 - USUAL_RATE))
        least = uplift.detectable(expected - held_out, held_out, deviation)
        if least is None:
            return None
        return self.env._(
            "With %(customers)s customers, of whom %(held)s are held out, you will probably see a difference of "
            "%(points)s points or more in how many order (if one in ten does).",
            customers=expected,
            held=held_out,
            points=self._points(least),
        )


def of_rule(rule):
    """The result of a rule."""
    units = SQL(
        """SELECT m.id, m.held_out, m.date_assigned, p.commercial_partner_id AS customer
             FROM crm_followup_member m LEFT JOIN crm_lead l ON l.id = m.lead_id
             JOIN res_partner p ON p.id = COALESCE(m.partner_id, l.partner_id)
            WHERE m.rule_id = %s AND m.date_assigned IS NOT NULL""",
        rule.id,
    )
    return Result(rule.env, rule.company_id, units, rule.window_days, rule.holdout_percent)


def of_company(policy):
    """The result of all rules and mailings of a company: those whom they may contact beside those held out."""
    units = SQL(
        """SELECT h.id, h.held_out, h.date_assigned, h.partner_id AS customer
             FROM crm_followup_holdout h WHERE h.company_id = %s""",
        policy.company_id.id,
    )
    return Result(policy.env, policy.company_id, units, policy.window_days, policy.holdout_percent)
