"""The scores by rules of one company's leads: points in temporary tables, added up, stored where they differ."""

import logging

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

from ..sql import DISTURBED, array_text, never
from . import few, points, totals

_logger = logging.getLogger(__name__)

TEMPORARY = ("crm_plus_scope", "crm_plus_event", "crm_plus_met", "crm_plus_point")


class ScoreRefresh:
    """How ``company`` scores today. Changed scores are rows (lead id, whether to announce it as hot); what follows from
    them is the caller's."""

    def __init__(self, company):
        self.env, self.company = company.env, company
        self.settings = company._crm_plus_score_settings()
        # Superuser: scores are the same whoever changes a lead; what a condition may ask is its definer's. No context
        # of the user's, such as active_test, counts.
        context = {"tz": company._crm_plus_tz(), "allowed_company_ids": company.ids}
        self.rule_env = api.Environment(self.env.cr, SUPERUSER_ID, context)

    def a_few(self, leads, rules):
        """Bring the scores of these `few.open_leads` up to date; the changed ones."""
        fresh = few.fresh(self.rule_env, self.settings, rules, leads)
        store = totals.store(fresh, self.settings, SQL("s.lead_id = ANY(%s)", [lead[0] for lead in leads]))
        return self._kept(self.env.execute_query(store))

    def many(self, condition, rules):
        """Bring the scores of the open leads ``l`` that meet a condition up to date: (the changed ones, ``{rule id:
        None, or why it gives nothing}``)."""
        errors = self.evaluate(rules, points.scope(self.settings, condition))
        counted = tuple(rule for rule in rules if errors[rule.id] is None)
        store = totals.store(totals.fresh(counted, self.settings), self.settings, totals.IN_SCOPE)
        with never(self.env.cr, "nestloop"):
            changed = self.env.execute_query(store)
        with never(self.env.cr, "seqscan"):
            return self._kept(changed), errors

    def evaluate(self, rules, scope):
        """Fill the temporary tables; ``{rule id: None, or the error}``."""
        self.env.flush_all()
        cr = self.env.cr
        # Sorting a million lines spills to disk otherwise, and compiling takes longer than it saves; both settings end
        # with the transaction.
        cr.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        for table in TEMPORARY:
            cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(table)))
        self._fill("crm_plus_scope", scope)
        self._fill("crm_plus_event", points.events(self.settings, points.looked_at(self.settings, rules)))
        cr.execute(
            """CREATE TEMPORARY TABLE crm_plus_met (lead_id int, rules text) ON COMMIT DROP;
               CREATE TEMPORARY TABLE crm_plus_point (lead_id int, rule_id int, events int, points numeric)
               ON COMMIT DROP"""
        )
        errors = {}
        for batch in points.batches(self.rule_env, rules):
            errors |= self._evaluate_batch(batch)
        cr.execute("ANALYZE crm_plus_met, crm_plus_point")
        return errors

    def _fill(self, table, query):
        table = SQL.identifier(table)
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table, query))
        self.env.cr.execute(SQL("ANALYZE %s", table))

    def _evaluate_batch(self, batch):
        """``{rule id: None, or the error}``; when rules fail together each is tried alone, to find the broken one."""
        cr = self.env.cr
        try:
            with cr.savepoint(flush=False):
                table = SQL.identifier("crm_plus_met" if batch[0].kind == "fit" else "crm_plus_point")
                query = SQL("INSERT INTO %s %s", table, points.batch_points(self.rule_env, batch))
                cr.execute(query, log_exceptions=False)
        except DISTURBED:
            raise
        except Exception as error:  # any module's search method may raise anything
            if len(batch) > 1:
                alone = [self._evaluate_batch((rule,)) for rule in batch]
                return {rule_id: problem for result in alone for rule_id, problem in result.items()}
            _logger.warning("Score rule %s failed: %s", batch[0].id, error)
            return {batch[0].id: str(error).strip()}
        return dict.fromkeys(rule.id for rule in batch)

    def _kept(self, changed):
        if changed:
            record_history(self.env, [row[0] for row in changed], self.settings.today)
        return changed


def record_history(env, lead_ids, day):
    """Keep the scores of a day, of leads that have moved by a point or more, or to another grade."""
    env.cr.execute(
        SQL(
            """INSERT INTO crm_lead_score_history AS h (lead_id, date, lead_score, lead_grade, win_probability)
               SELECT s.lead_id, %(day)s, s.lead_score, s.lead_grade, s.win_probability
                 FROM crm_lead_score s
                 LEFT JOIN LATERAL (SELECT * FROM crm_lead_score_history last
                                     WHERE last.lead_id BETWEEN s.lead_id AND s.lead_id  -- not the index of dates
                                     ORDER BY last.lead_id DESC, last.date DESC LIMIT 1) last ON TRUE
                WHERE s.lead_id = ANY(%(leads)s::int[])
                  AND (last.id IS NULL OR last.date = %(day)s OR last.lead_grade IS DISTINCT FROM s.lead_grade
                       OR abs(COALESCE(last.lead_score, 0) - COALESCE(s.lead_score, 0)) >= 1
                       OR abs(COALESCE(last.win_probability, 0) - COALESCE(s.win_probability, 0)) >= 1)
               ON CONFLICT (lead_id, date) DO UPDATE SET
                  (lead_score, lead_grade, win_probability)
                  = ROW(excluded.lead_score, excluded.lead_grade, excluded.win_probability)""",
            day=day,
            leads=array_text(lead_ids),
        )
    )
