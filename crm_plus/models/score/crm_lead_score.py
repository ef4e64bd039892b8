import hashlib
import json
import logging
from collections import defaultdict
from dataclasses import replace

from dateutil.relativedelta import relativedelta
from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.prediction.parts import parts
from ...services.customer import amounts
from ...services.interaction.capture import notes
from ...services.prediction.store import PredictionStore, forget_predictions
from ...services.score import few
from ...services.score.refresh import ScoreRefresh, record_history
from ...services.score.watch import customer_leads, interaction_leads, watched_fields
from ...services.sql import COMPANY, CONFLICTS, DISTURBED, OPEN, briefly

_logger = logging.getLogger(__name__)

NOTES, MANY = "crm_plus.lead_scores", "crm_plus.many_leads"
# More leads than this in one transaction, such as an import, are left to the scheduled action, with all that follow.
AT_ONCE = 200
QUEUE_STEP = 2_000
# Leads of one committed step of the scheduled action, and those whose predictions are held in memory at a time.
STEP, PREDICTED_STEP = 50_000, 40_000
# Instead of the last lead scored: all are, and their probabilities follow.
ALL_SCORED = -1
ANNOUNCE_STEP = 100
# A century; a calendar does not reach back for ever.
MOST_MONTHS = 1200


class CrmLeadScore(models.Model):
    """The scores of one lead, by rules and by prediction: one row a lead, beside the lead, since rewriting leads in
    bulk would make people who save one meanwhile fail. Written set-based. A changed lead is scored in the transaction
    that changes it, once, just before it commits or is read again; a closed one keeps its last scores, its track
    record."""

    _name = "crm.lead.score"
    _inherit = ["crm.job.mixin"]
    _description = "Lead score"
    _order = "lead_score desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    fit_score = fields.Float("Fit", digits=(5, 2), readonly=True, aggregator="avg")
    engagement_score = fields.Float("Engagement", digits=(5, 2), readonly=True, aggregator="avg")
    lead_score = fields.Float(
        "Score",
        digits=(5, 2),
        readonly=True,
        aggregator="avg",
        help="From 0 to 100: fit and engagement together, by the score rules. The card of the lead shows"
        " what adds up to it.",
    )
    lead_grade = fields.Char(
        "Grade", size=2, readonly=True, help="Letter: fit, A is best. Digit: engagement, 1 is best."
    )
    # JSON as text: nobody searches it, and PostgreSQL took a third of the time of scoring all leads to parse it.
    rules_explanation = fields.Text(
        string="Rules explanation",
        readonly=True,
        help="Lines [kind, rule or group, points, events] of fit and engagement that add up exactly.",
    )
    scored_on = fields.Date("Scored on", readonly=True, help="Date of the last change, in the company's time zone.")
    win_probability = fields.Float("Win probability (%)", readonly=True, aggregator="avg")
    prediction_explanation = fields.Text(
        string="Prediction explanation", readonly=True, help="Empty when there is no prediction."
    )
    # No reference: its check took a seventh of the time of predicting. Versions are deleted with their predictions.
    prediction_model_id = fields.Integer("Prediction version (ID)", readonly=True, aggregator=None)
    hot_date = fields.Datetime("Hot since", readonly=True)
    hot_to_announce = fields.Boolean("To be announced as hot", readonly=True)

    _lead_unique = models.Constraint("UNIQUE (lead_id)", "A lead has one score.")
    _score_index = models.Index("(lead_score)")
    _announce_index = models.Index("(id) WHERE hot_to_announce")

    # ------------------------------------------------------------------ one lead

    def _is_predicted(self):
        """Whether there is a prediction at all: one of zero is one, too."""
        return bool(self.prediction_explanation)

    def _chance(self):
        """The percentage that stands for the win probability: ours, else what the score is worth in its company."""
        if not self or self._is_predicted():
            return self.win_probability
        return min(self.lead_score * self.lead_id._score_company().crm_plus_point_chance, 100)

    def _explanation(self):
        """The exact contributions: ``{"score", "grade", "fit": {...}, "engagement": {...}, "prediction": {...}}``.

        Fit and engagement hold their score, the ``part`` of it that is in the lead's score, and their lines
        ``[kind, rule or group id, points, events]``. Points are texts with 2 places, so nothing is lost.
        """
        if not self:
            return False
        rules = json.loads(self.rules_explanation or "{}")
        return {
            "score": f"{self.lead_score:.2f}",
            "grade": self.lead_grade,
            "fit": rules.get("fit"),
            "engagement": rules.get("engagement"),
            "prediction": self._prediction_parts(),
        }

    def _version(self):
        """The version that predicted, if any."""
        # sudo: the words of the version; what it was trained on is not shown.
        return self.env["crm.score.model"].sudo().browse(self.sudo().prediction_model_id or []).exists()

    def _prediction_parts(self):
        """``{"score", "intercept", "parts": [[feature, value, points]]}``: whole millionths of a logit that add up."""
        model = self._version()
        if not (self.prediction_explanation and model and model._is_readable()):
            return None
        intercept, vocabulary = model._words()
        found = parts(vocabulary, self.prediction_explanation)
        if hidden := model._hidden_names() | self._hidden_amounts():
            unseen = self.env._("(not shown)")
            found = [[name, value if hidden.isdisjoint(name.split(" × ")) else unseen, p] for name, value, p in found]
        return {"score": intercept + sum(part[2] for part in found), "intercept": intercept, "parts": found}

    def _hidden_amounts(self):
        """What a prediction read of the customer that the reader may not."""
        lead = self.lead_id
        company, customer = lead.company_id or self.env.company, lead.partner_id.commercial_partner_id
        return set() if amounts.may_read(self.env, company, customer) else {"customer.revenue"}

    # ------------------------------------------------------------------ noted by transactions

    @api.model
    def _note_leads(self, lead_ids):
        """Have the scores of these leads refreshed by this transaction, if it may write."""
        if not lead_ids or self.env.cr.readonly:
            return
        data = self.env.cr.precommit.data
        if NOTES not in data:
            data[NOTES] = set()
            self._plan_refresh()
        data[NOTES].update(lead_ids)
        leads = self.env["crm.lead"].browse(lead_ids)
        leads.invalidate_recordset(leads._score_fields(), flush=False)

    @api.model
    def _note_customers(self, partner_ids):
        """Note the open leads of these partners and of their customers' other contacts."""
        if partner_ids:
            leads = customer_leads(SQL("p.id = ANY(%s)", list(partner_ids)))
            self._note_leads([row[0] for row in self.env.execute_query(leads)])

    @api.model
    def _note_interactions(self, condition):
        """Note the open leads whose engagement the interactions ``i`` that meet a condition count for."""
        if self._counts_events():
            self._note_leads([row[0] for row in self.env.execute_query(interaction_leads(condition))])

    def _plan_refresh(self):
        cr = self.env.cr

        def refresh():
            if notes.NOTES in cr.precommit.data:
                cr.precommit.add(refresh)  # after the interactions of this transaction are captured
            else:
                api.Environment(cr, SUPERUSER_ID, {})["crm.lead.score"]._refresh_noted()
                cr.precommit.data.pop(NOTES, None)

        cr.precommit.add(refresh)

    @api.model
    def _refresh_noted(self):
        """Refresh the noted leads now. Whatever goes wrong, the user's transaction goes on: the leads are queued."""
        data = self.env.cr.precommit.data
        if not data.get(NOTES):
            return
        noted, data[NOTES] = data[NOTES], set()
        self.env.flush_all()
        noted = sorted(noted | data[NOTES])
        data[NOTES] = set()
        if len(noted) > AT_ONCE or data.get(MANY):
            data[MANY] = True
            self.env["crm.lead.score.queue"]._add(noted)
            return
        try:
            with briefly(self.env.cr):
                self._refresh_leads(noted)
        except Exception as error:  # a rule may read any module's field
            _logger.warning("Lead scores of %s lead(s) follow by the scheduled action: %s", len(noted), error)
            self.env["crm.lead.score.queue"]._add(noted)

    # ------------------------------------------------------------------ what is watched

    @api.model
    @tools.ormcache()
    def _watched(self):
        """``{model: fields}`` that active rules and versions in use read."""
        rules = self.env["crm.score.rule"].sudo().search([("state", "=", "active")])  # sudo: field names only
        watched = dict(watched_fields(self.env, rules))
        for reading in self._read_by_versions():
            if model_name := reading.host_model():
                name = "lead_properties" if reading.origin == "property" else reading.name.split(".")[-1]
                watched[model_name] = watched[model_name] | {name, "team_id"}
            elif reading.origin == "stage":
                watched["crm.lead"] = watched["crm.lead"] | {"stage_id"}
        return watched

    @api.model
    @tools.ormcache()
    def _counts_events(self):
        """Whether rules or versions in use look at interactions."""
        rules = self.env["crm.score.rule"].sudo()  # sudo: whether there is one
        if rules.search_count([("state", "=", "active"), ("kind", "!=", "fit")], limit=1):
            return True
        return "interaction" in {reading.origin for reading in self._read_by_versions()}

    @api.model
    def _read_by_versions(self):
        return self.env["crm.score.model"]._in_use()._readings()

    @api.model
    @tools.ormcache()
    def _predicts(self):
        """Whether any version is in use: companies without one pay nothing when they save a lead."""
        return bool(self.env["crm.score.model"]._in_use())

    @api.model
    def _rules_version(self, company):
        """Changes whenever a change of rules, settings or versions makes a run begin anew."""
        settings = replace(company._crm_plus_score_settings(), notify_hot=False)  # whether to tell changes no score
        rules = self.env["crm.score.rule"]._active_rules(company)._specs()
        published = self.env["crm.score.model"]._in_use(company)
        return f"{hashlib.sha256(repr((settings, rules)).encode()).hexdigest()[:16]}:{published.ids}"

    # ------------------------------------------------------------------ a few leads, at once

    @api.model
    def _refresh_leads(self, lead_ids):
        """Bring the scores of these leads up to date, then their predictions; what stays the same is not written. When
        either fails nothing is, and both are left to the scheduled action."""
        self.env.flush_all()
        leads, first = defaultdict(list), self.env["res.company"]._crm_plus_first_id()
        for lead in few.open_leads(self.env, lead_ids):
            leads[lead[-1] or first].append(lead)
        for company_id, of_company in leads.items():
            # sudo: scores are the same whoever changes a lead.
            self._refresh_at_once(self.env["res.company"].sudo().browse(company_id), of_company)
        if self._predicts():
            self._predict_leads(lead_ids)

    def _refresh_at_once(self, company, leads):
        rules = self.env["crm.score.rule"]._sound_specs(company.id)
        self._after_scoring(ScoreRefresh(company).a_few(leads, rules))

    def _after_scoring(self, changed):
        """What follows from changed scores: ``changed`` are rows (lead id, whether to announce it as hot)."""
        self._forget_cached()
        if any(row[1] for row in changed):
            self.env["crm.job"]._wake("ir_cron_touched_scores")

    @api.model
    def _forget_cached(self):
        """The scores have changed by statements: what was read before is read anew."""
        self.invalidate_model(flush=False)
        self.env["crm.lead"].invalidate_model(self.env["crm.lead"]._score_fields(), flush=False)

    # ------------------------------------------------------------------ many leads, a few statements

    @api.model
    def _refresh_many(self, company, condition):
        """Bring the scores of the company's open leads ``l`` that meet a condition up to date, then their predictions.

        A rule that fails is marked with its error and gives nothing; the others go on.
        """
        rules = self.env["crm.score.rule"]._active_rules(company)
        changed, errors = ScoreRefresh(company).many(condition, rules._specs())
        rules._note_errors(errors)
        self._after_scoring(changed)
        _logger.info("Lead scores of %s: %s changed", company.name, len(changed))
        rows = self.env.execute_query(
            SQL(
                "SELECT l.id FROM crm_lead l WHERE %s AND %s = %s AND %s ORDER BY l.id",
                OPEN,
                COMPANY,
                company.id,
                condition,
            )
        )
        self._predict_safely([row[0] for row in rows])

    # ------------------------------------------------------------------ predictions

    @api.model
    def _predict_safely(self, lead_ids):
        """Scores by rules never fail because of a prediction."""
        for low in range(0, len(lead_ids), PREDICTED_STEP):
            try:
                with self.env.cr.savepoint(flush=False):
                    self._predict_leads(lead_ids[low : low + PREDICTED_STEP])
            except DISTURBED:
                raise
            except Exception as error:  # what follows from a prediction may be of any module
                _logger.warning("Predictions of %s lead(s) failed: %s", len(lead_ids), error)
                return

    @api.model
    def _predict_leads(self, lead_ids):
        """Bring the predictions of these leads up to date; those that are closed stay as they are. Returns how many
        changed. A lead's prediction depends on that lead alone, never on the others."""
        if not lead_ids:
            return 0
        self.env.flush_all()
        store = PredictionStore(self.env)
        changed, rest = 0, set(lead_ids)
        for model, scope in self.env["crm.score.model"]._scopes_in_use():
            predicted, written, moved = self._store_safely(store, model, lead_ids, scope)
            if moved:
                record_history(self.env, moved, model.company_id._crm_plus_today())
            rest.difference_update(predicted)
            changed += written
        if rest:
            changed += store.clear(rest)
        if changed:
            self._forget_cached()
            self.env["crm.lead"]._align_probabilities(lead_ids)
        return changed

    def _store_safely(self, store, model, lead_ids, scope):
        """`PredictionStore.store`; a version that fails shows why, and its leads have no prediction until it works."""
        try:
            with self.env.cr.savepoint(flush=False):
                found = store.store(model, lead_ids, scope)
        except DISTURBED:
            raise
        except Exception as error:  # a version may read a field of any module
            model._note_error(error)
            return [], 0, None
        model._note_error(None)
        return found

    @api.model
    def _forget_predictions(self, versions):
        """A prediction that nobody could explain any more goes with the version that made it."""
        self.env.flush_all()
        lead_ids = forget_predictions(self.env, versions.ids)
        self._forget_cached()
        self.env["crm.lead"]._align_probabilities(lead_ids)

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_refresh_touched(self):
        """Leads a transaction has left to us, then announcements of hot leads."""
        queue = self.env["crm.lead.score.queue"]
        self._committed(queue.search_count, [], progress=lambda count: {"remaining": count})
        if self._while_any(self._refresh_queued):
            self._announce_hot()

    @api.model
    def _refresh_queued(self):
        """Refresh the next queued leads; how many rows of the queue that were."""
        taken, lead_ids = self.env["crm.lead.score.queue"]._take(QUEUE_STEP)
        rows = self.env.execute_query(SQL("SELECT DISTINCT %s FROM crm_lead l WHERE l.id = ANY(%s)", COMPANY, lead_ids))
        for company in self.env["res.company"].browse(row[0] for row in rows):
            self._refresh_many(company, SQL("l.id = ANY(%s)", lead_ids))
        return taken

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
            self.env["crm.lead.landmark"]._keep()

    @api.model
    def _is_outdated(self, company):
        """Whether rules or settings have changed since its leads were scored; one that failed is not tried again."""
        failed = company._crm_plus_problem(self.env.context.get("cron_id"))
        return not failed and company.crm_plus_score_version != self._rules_version(company)

    @api.model
    def _rescore_step(self, company, step=STEP):
        """Score and predict the next leads of a company; where more automated probabilities are to follow than one
        transaction should write, those next, in steps of their own: people save these leads meanwhile. True when there
        is nothing more to do."""
        state = company.sudo()  # sudo: where the scheduled action stands
        if not state.crm_plus_recompute_from:
            if not self._score_next(company, step):
                return False
            if state.crm_plus_recompute_from:
                state.crm_plus_score_next_id = ALL_SCORED
            return not state.crm_plus_recompute_from
        if not self.env["crm.lead"]._recompute_step(company) or state.crm_plus_score_next_id != ALL_SCORED:
            return False
        state.crm_plus_score_next_id = 0
        return state.crm_plus_score_version == self._rules_version(company)

    @api.model
    def _score_next(self, company, step):
        """Score the next leads of a company; True when there are no more."""
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

    # ------------------------------------------------------------------ hot leads, history

    @api.model
    def _announce_hot(self):
        """Schedule the company's activity on leads that have become hot: once a crossing, in committed batches.

        A lead that nobody (who is still there) is responsible for waits until somebody is.
        """
        responsible = Domain("lead_id.user_id.active", "=", True) | Domain("lead_id.team_id.user_id.active", "=", True)
        domain = Domain("hot_to_announce", "=", True) & responsible
        self._while_any(self._announce_next, domain)

    @api.model
    def _announce_next(self, domain):
        """Announce the next scores; how many. What another run announces just now is left to it."""
        scores = self.search(domain, limit=ANNOUNCE_STEP, order="id").try_lock_for_update(allow_referencing=True)
        for score in scores:
            score._announce()
        scores.write({"hot_to_announce": False})
        return len(scores)

    def _announce(self):
        """Schedule the activity; a lead that fails is not tried again and keeps no other waiting."""
        try:
            with self.env.cr.savepoint():
                self._schedule_hot_activity()
        except CONFLICTS:
            raise  # the whole step is tried again
        except Exception as error:  # what follows from an activity may be of any module
            _logger.warning("Lead %s is not announced as hot: %s", self.lead_id.id, error)

    def _schedule_hot_activity(self):
        lead = self.lead_id
        responsible = lead.user_id.filtered("active") or lead.team_id.user_id
        activity_type = lead._score_company().crm_plus_hot_activity_type_id
        if not (activity_type and lead.is_hot):
            return
        lead.with_context(lang=responsible.lang).activity_schedule(
            activity_type_id=activity_type.id,
            user_id=responsible.id,
            summary=self.with_context(lang=responsible.lang).env._(
                "Hot lead: score %(score)s, grade %(grade)s",
                score=f"{self.lead_score:g}",
                grade=self.lead_grade,
            ),
        )

    @api.model
    def _follow_merges(self, merged):
        """A lead is as long hot as those that are merged into it, ``{merged: remaining}``; if one of them was
        announced, so is this one. It is scored with the events of all."""
        self._note_leads(sorted(set(merged.values())))
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead_score s
                      SET hot_date = LEAST(s.hot_date, other.since),
                          hot_to_announce = other.waits AND (s.hot_date IS NULL OR s.hot_to_announce)
                     FROM (SELECT m.remaining, min(o.hot_date) AS since, bool_and(o.hot_to_announce IS TRUE) AS waits
                             FROM crm_lead_score o JOIN unnest(%s, %s) AS m (merged, remaining) ON m.merged = o.lead_id
                            WHERE o.hot_date IS NOT NULL GROUP BY m.remaining) other
                    WHERE s.lead_id = other.remaining""",
                list(merged),
                list(merged.values()),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _purge_history(self):
        """Forget the course of scores after the months of each company."""
        for company in self.env["res.company"].search([("active", "=", True)], order="id"):
            months = min(company.crm_plus_history_months, MOST_MONTHS)
            before = company._crm_plus_today() - relativedelta(months=months)
            self.env.execute_query(
                SQL(
                    """DELETE FROM crm_lead_score_history h USING crm_lead l
                        WHERE l.id = h.lead_id AND h.date < %s AND %s = %s RETURNING h.id""",
                    before,
                    COMPANY,
                    company.id,
                )
            )
        self.env["crm.lead.score.history"].invalidate_model(flush=False)
