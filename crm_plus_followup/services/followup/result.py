"""Whether a rule worked: those it reached beside those held out, in words."""

import math

from odoo.tools import SQL
from odoo.tools.misc import format_amount

from ...engine.followup import uplift


def text(rule):
    """What the rule changed, how sure that is, and what could be seen at all."""
    env, found = rule.env, arms(rule)
    reached, held_out = (found.get(held, (0, 0, 0.0, 0.0)) for held in (False, True))
    if not rule.holdout_percent and not held_out[0]:
        return env._("Nobody is held out, so what customers did cannot be compared. Hold out a share of them to know.")
    ordered = [uplift.share(arm[0], arm[1]) for arm in (reached, held_out)]
    lines = [
        env._(
            "Reached: %(reached)s, of whom %(share)s%% ordered. Held out: %(held)s, of whom %(rest)s%% ordered.",
            reached=reached[0],
            share=_points(ordered[0].mean),
            held=held_out[0],
            rest=_points(ordered[1].mean),
        )
    ]
    always = uplift.sequential(*ordered, is_share=True)
    if always.low is None:
        lines.append(env._("There are too few customers to say anything yet."))
        return "\n".join(lines)
    lines += [_share_line(env, always), _revenue_line(rule, reached, held_out), _detectable_line(env, ordered)]
    return "\n".join(line for line in lines if line)


def _points(number):
    return f"{100 * number:.1f}"


def _share_line(env, found):
    values = {"low": _points(found.low), "high": _points(found.high), "difference": _points(found.difference)}
    if found.is_noise:
        return env._(
            "Difference: %(difference)s points, between %(low)s and %(high)s: this may be chance. It may be looked at "
            "every day.",
            **values,
        )
    return env._(
        "Difference: %(difference)s points, between %(low)s and %(high)s. It may be looked at every day.", **values
    )


def _revenue_line(rule, *arms_):
    found = uplift.sequential(*(uplift.Arm(arm[0], float(arm[2]), float(arm[3])) for arm in arms_))
    if found.low is None:
        return None
    amounts = {
        name: format_amount(rule.env, value, rule.company_id.currency_id)
        for name, value in (("difference", found.difference), ("low", found.low), ("high", found.high))
    }
    return rule.env._("Revenue per customer: %(difference)s more, between %(low)s and %(high)s.", **amounts)


def _detectable_line(env, arms_):
    rate = sum(arm.total for arm in arms_) / sum(arm.size for arm in arms_)
    deviation = math.sqrt(max(rate * (1 - rate), 0.01))
    least = uplift.detectable(arms_[0].size, arms_[1].size, deviation)
    return env._("With so many customers, a difference of %s points or more is probably seen.", _points(least))


def arms(rule):
    """``{held out: (customers, how many ordered, revenue, sum of its squares)}``: revenue net of credit notes, within
    the window after each was reached or held out, whatever became of the run."""
    company = rule.company_id
    customers = SQL(
        """SELECT m.id, m.held_out, m.date_assigned, p.commercial_partner_id AS customer
             FROM crm_followup_member m LEFT JOIN crm_lead l ON l.id = m.lead_id
             JOIN res_partner p ON p.id = COALESCE(m.partner_id, l.partner_id)
            WHERE m.rule_id = %s AND m.date_assigned IS NOT NULL""",
        rule.id,
    )
    condition = SQL(
        """partner_id IN (SELECT c.id FROM res_partner c WHERE c.commercial_partner_id IN (
                SELECT customer FROM (%s) of_rule))""",
        customers,
    )
    rule.env.flush_all()
    documents = SQL(" UNION ALL ").join(
        SQL("SELECT partner_id, moment, is_order, amount FROM (%s) d", query)
        for query in rule.env["crm.customer.profile"]._document_queries(company, condition)
    )
    rows = rule.env.execute_query(
        SQL(
            """WITH document AS (%(documents)s)
               SELECT held_out, count(*)::int, sum(ordered)::int, sum(revenue)::float, sum(revenue * revenue)::float
                 FROM (SELECT m.id, m.held_out, COALESCE(bool_or(d.is_order), FALSE)::int AS ordered,
                              COALESCE(sum(d.amount), 0)::float AS revenue
                         FROM (%(customers)s) m
                         LEFT JOIN (SELECT c.commercial_partner_id, d.* FROM document d
                                      JOIN res_partner c ON c.id = d.partner_id) d
                                ON d.commercial_partner_id = m.customer AND d.moment > m.date_assigned
                                   AND d.moment <= m.date_assigned + %(days)s * interval '1 day'
                        GROUP BY m.id, m.held_out) customer
                GROUP BY held_out""",
            documents=documents,
            customers=customers,
            days=rule.window_days,
        )
    )
    return {bool(row[0]): row[1:] for row in rows}
