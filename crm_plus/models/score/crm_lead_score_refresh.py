import hashlib
import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...services.score import few, points, totals
from ...services.sql import COMPANY, DISTURBED, OPEN, array_text, never

_logger = logging.getLogger(__name__)

# Leads of one committed step of the scheduled action.
STEP = 50_000
TEMPORARY = ("crm_plus_scope", "crm_plus_event", "crm_plus_met", "crm_plus_point")


class CrmLeadScore(models.Model):
    _inherit = "crm.lead.score"

    # ------------------------------------------------------------------ a few leads, at once

    @api.model
    def _refresh_leads(self, lead_ids):
        """Bring the scores of these leads up to date; what stays the same is not written."""
        self.env.flush_all()
        leads, first = defaultdict(list), self.env["res.company"]._crm_plus_first_id()
        for lead in few.open_leads(self.env, lead_ids):
            leads[lead[-1] or first].append(lead)
        for company_id, of_company in leads.items():
            # sudo: scores are the same whoever changes a lead.
            self._refresh_at_once(self.env["res.company"].sudo().browse(company_id), of_company)

    def _refresh_at_once(self, company, leads):
        settings = company._crm_plus_score_settings()
        rules = self.env["crm.score.rule"]._sound_specs(company.id)
        fresh = few.fresh(self._rule_env(company), settings, rules, leads)
        store = totals.store(fresh, settings, SQL("s.lead_id = ANY(%s)", [lead[0] for lead in leads]))
        self._stored(self.env.execute_query(store), settings)

    @api.model
    def _rule_env(self, company):
        """The environment rules are evaluated in: the same whoever changes a lead."""
        # sudo: rules see all leads and customers of the company. No context of the user's, such as active_test, counts.
        context = {"tz": company._crm_plus_tz(), "allowed_company_ids": company.ids}
        return api.Environment(self.env.cr, api.SUPERUSER_ID, context)

    def _stored(self, changed, settings):
        """What follows from changed scores: ``changed`` are rows (lead id, whether to announce it as hot)."""
        self.invalidate_model(flush=False)
        self.env["crm.lead"].invalidate_model(self.env["crm.lead"]._score_fields(), flush=False)
        if not changed:
            return
        self._record_history([row[0] for row in changed], settings.today)
        if any(row[1] for row in changed):
            self.env["crm.job"]._wake("ir_cron_touched_scores")

    @api.model
    def _record_history(self, lead_ids, day):
        """Keep the scores of a day, of leads that have moved by a point or more, or to another grade."""
        self.env.cr.execute(
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
                      = ROW(excluded.lead_score, excluded.lead_grade, excluded.win_probability)
""",
                day=day,
                leads=array_text(lead_ids),
            )
        )

    # ------------------------------------------------------------------ many leads, a few statements

    @api.model
    def _refresh_many(self, company, condition):
        """Bring the scores of the company's open leads ``l`` that meet a condition up to date.

        A rule that fails is marked with its error and gives nothing; the others go on.
        """
        settings = company._crm_plus_score_settings()
        rules = self.env["crm.score.rule"]._active_rules(company)
        errors = self._evaluate(company, settings, rules._specs(), points.scope(settings, condition))
        rules._note_errors(errors)
        counted = tuple(rule for rule in rules._specs() if errors[rule.id] is None)
        store = totals.store(totals.fresh(counted, settings), settings, totals.IN_SCOPE)
        with never(self.env.cr, "nestloop"):
            changed = self.env.execute_query(store)
        with never(self.env.cr, "seqscan"):
            self._stored(changed, settings)
        _logger.info("Lead scores of %s: %s changed", company.name, len(changed))

    def _evaluate(self, company, settings, rules, scope):
        """Fill the temporary tables; ``{rule id: None, or the error}``."""
        self.env.flush_all()
        cr = self.env.cr
        # Sorting a million lines spills to disk otherwise, and compiling takes longer than it saves; both settings end
        # with the transaction.
        cr.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        for table in TEMPORARY:
            cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(table)))
        self._fill("crm_plus_scope", scope)
        self._fill("crm_plus_event", points.events(settings, points.looked_at(settings, rules)))
        cr.execute(
            """CREATE TEMPORARY TABLE crm_plus_met (lead_id int, rules text) ON COMMIT DROP;
               CREATE TEMPORARY TABLE crm_plus_point (lead_id int, rule_id int, events int, points numeric)
               ON COMMIT DROP"""
        )
        env = self._rule_env(company)
        errors = {}
        for batch in points.batches(env, rules):
            errors |= self._evaluate_batch(env, batch)
        cr.execute("ANALYZE crm_plus_met, crm_plus_point")
        return errors

    def _fill(self, table, query):
        table = SQL.identifier(table)
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table, query))
        self.env.cr.execute(SQL("ANALYZE %s", table))

    def _evaluate_batch(self, env, batch):
        """``{rule id: None, or the error}``; when rules fail together each is tried alone, to find the broken one."""
        try:
            with self.env.cr.savepoint(flush=False):
                table = SQL.identifier("crm_plus_met" if batch[0].kind == "fit" else "crm_plus_point")
                query = SQL("INSERT INTO %s %s", table, points.batch_points(env, batch))
                self.env.cr.execute(query, log_exceptions=False)
        except DISTURBED:
            raise
        except Exception as error:  # any module's search method may raise anything
            if len(batch) > 1:
                alone = [self._evaluate_batch(env, (rule,)) for rule in batch]
                return {rule_id: problem for result in alone for rule_id, problem in result.items()}
            _logger.warning("Score rule %s failed: %s", batch[0].id, error)
            return {batch[0].id: str(error).strip()}
        return dict.fromkeys(rule.id for rule in batch)

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _rescore_soon(self):
        self.env["crm.job"]._wake("ir_cron_rescore")

    @api.model
    def _cron_rescore(self):
        """All open leads of every company, in committed steps; a killed run goes on where its last commit was."""
        companies = self.env["res.company"].search([("active", "=", True)], order="id")
        self.env["crm.job"]._wake("ir_cron_rescore", companies._crm_plus_nights())
        if self._in_rounds(companies, self._rescore_step):
            # A trigger of the meantime has been used up by a run that only went on with the others.
            if any(map(self._is_outdated, companies.exists())):
                self._rescore_soon()
            self._purge_history()

    @api.model
    def _is_outdated(self, company):
        """Whether rules or settings have changed since its leads were scored; one that failed is not tried again."""
        failed = company._crm_plus_problem(self.env.context.get("cron_id"))
        return not failed and company.crm_plus_score_version != self._rules_version(company)

    @api.model
    def _rescore_step(self, company, step=STEP):
        """Score the next leads of a company; True when there are no more."""
        if not company.exists():  # deleted since the run began
            return True
        version = self._rules_version(company)
        after = company.crm_plus_score_next_id if company.crm_plus_score_version == version else 0
        [(upper, found)] = self.env.execute_query(
            SQL(
                """SELECT max(id), count(*) FROM (SELECT l.id FROM crm_lead l WHERE %s AND %s = %s AND l.id > %s
                                                   ORDER BY l.id LIMIT %s) next""",
                OPEN,
                COMPANY,
                company.id,
                after,
                step,
            )
        )
        if found:
            self._refresh_many(company, SQL("l.id > %s AND l.id <= %s", after, upper))
        done = found < step
        # sudo: where the scheduled action stands
        company.sudo().write({"crm_plus_score_next_id": 0 if done else upper, "crm_plus_score_version": version})
        if done:
            company._crm_plus_weigh_points()
            company.sudo().crm_plus_score_date = fields.Datetime.now()  # sudo: when it was done
        return done

    @api.model
    def _rules_version(self, company):
        """Changes whenever a change of rules or settings makes a run begin anew."""
        settings = company._crm_plus_score_settings()
        rules = self.env["crm.score.rule"]._active_rules(company)._specs()
        return hashlib.sha256(repr((settings, rules)).encode()).hexdigest()[:16]
