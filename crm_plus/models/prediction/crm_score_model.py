import logging
from collections import defaultdict
from datetime import datetime, time, timedelta
from time import monotonic

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, ormcache

from ...services.prediction.drift import drift_of
from ...services.prediction.readings import Reading
from ...services.prediction.training import UNCLEAR, Training, teams_with_enough
from ...services.prediction.wording import Wording, feature_namer
from ...services.sql import COMPANY, DISTURBED

_logger = logging.getLogger(__name__)

DUE_AFTER = timedelta(days=25)
TODO = "mail.mail_activity_data_todo"
MANAGERS = "crm_plus.group_crm_plus_manager"
# AUC from which a version has this name.
QUALITIES = ((0.75, "good"), (0.65, "fair"), (0, "weak"))
LEVELS = (False, "stable", "moderate", "large")


class CrmScoreModel(models.Model):
    """One trained version of the prediction of a company, or of one of its sales teams: what it learned and how well it
    did on leads closed later. It never changes once trained; only its state does.

    Managers get a To-Do for what waits for them, once: a version that is not published automatically, and drift that
    grows. It is withdrawn when it is settled; who put which version to use is in the chatter."""

    _name = "crm.score.model"
    _inherit = ["crm.job.mixin", "crm.trained.mixin", "mail.thread", "mail.activity.mixin", "crm.filled.mixin"]
    _filled_by = "ir_cron_train_predictions"
    _description = "Prediction"
    _order = "trained_on desc, id desc"
    _log_access = False
    _mail_post_access = "read"  # a manager may answer, though nobody changes figures

    team_id = fields.Many2one(
        "crm.team",
        "Sales team",
        readonly=True,
        ondelete="cascade",
        help="None: all teams without a version of their own.",
    )
    state = fields.Selection(
        [("draft", "Trained"), ("published", "Published"), ("retired", "Retired"), ("abstained", "Not trained")],
        required=True,
        readonly=True,
        default="draft",
        tracking=True,
    )

    trained_from = fields.Date("Learned from leads closed since", readonly=True)
    trained_to = fields.Date(
        "Learned from leads closed until",
        readonly=True,
        help="The figures describe what it had learned by then. To make predictions, the version learns once more "
        "from all leads.",
    )
    train_won = fields.Integer(
        "Won leads learned from",
        readonly=True,
        aggregator=None,
        help="Won leads up to the day of the training that the version learned from.",
    )
    train_lost = fields.Integer(
        "Lost leads learned from",
        readonly=True,
        aggregator=None,
        help="Lost leads up to the day of the training that the version learned from.",
    )
    judged_to = fields.Date("Evaluated on leads closed until", readonly=True)
    judged_won = fields.Integer(
        "Won leads evaluated on",
        readonly=True,
        aggregator=None,
        help="Newer won leads, which the version had not seen, that it was evaluated on.",
    )
    judged_lost = fields.Integer(
        "Lost leads evaluated on",
        readonly=True,
        aggregator=None,
        help="Newer lost leads, which the version had not seen, that it was evaluated on.",
    )

    horizon_days = fields.Integer(
        "Won within (days)",
        readonly=True,
        aggregator=None,
        help="It predicts how likely a lead is to be won within this many days from now. A lead still open by then "
        "counts as not won. Zero, in versions of older releases: whenever the lead is closed, as if every lead "
        "were closed one day.",
    )

    auc = fields.Float(
        "AUC",
        digits=(5, 3),
        readonly=True,
        aggregator=None,
        help="How often a won lead ranked above a lost one. 0.5 is chance, 1 is perfect.",
    )
    auc_low = fields.Float("AUC, at least", digits=(5, 3), readonly=True, aggregator=None)
    auc_high = fields.Float(
        "AUC, at most",
        digits=(5, 3),
        readonly=True,
        aggregator=None,
        help="With 95% confidence, by the method of DeLong. Zero, in versions of older releases: not measured.",
    )
    quality = fields.Selection(
        [("good", "Good"), ("fair", "Fair"), ("weak", "Weak"), ("unclear", "Too few leads to judge")],
        compute="_compute_quality",
        help="How well it tells won from lost leads: good from an AUC of 0.75, fair from 0.65. Too few leads to judge "
        "while the AUC may as well be another one by 0.1.",
    )
    auc_text = fields.Char("AUC, with 95% confidence", compute="_compute_quality")
    log_loss = fields.Float(
        "Log-loss",
        digits=(5, 3),
        readonly=True,
        aggregator=None,
        help="Lower is better. Confident mistakes cost the most.",
    )
    base_log_loss = fields.Float(
        "Log-loss of the average",
        digits=(5, 3),
        readonly=True,
        aggregator=None,
        help="What the same average probability for every lead would have scored on the same leads.",
    )
    brier = fields.Float(
        string="Brier score", digits=(5, 3), readonly=True, aggregator=None, help="Mean squared error. Lower is better."
    )
    ece = fields.Float(
        "Calibration error",
        digits=(5, 3),
        readonly=True,
        aggregator=None,
        help="How far predicted probabilities were from actual results on average. 0.02 is two percentage points.",
    )
    evaluation = fields.Json(readonly=True)
    features = fields.Json(readonly=True)
    predictor = fields.Json(readonly=True, prefetch=False, copy=False, groups="crm_plus.group_crm_plus_manager")
    # What the figures are of, where the predictor has learned from the judged leads since.
    judged_predictor = fields.Json(
        string="Evaluated predictor",
        readonly=True,
        prefetch=False,
        copy=False,
        groups="crm_plus.group_crm_plus_manager",
    )
    leaks = fields.Json(readonly=True)
    fairness = fields.Json(readonly=True)
    by_group = fields.Json("By group (data)", readonly=True)
    half_life_days = fields.Integer(
        "Weight of a lead halves within (days)",
        readonly=True,
        aggregator=None,
        help="Newer leads count more where that was shown to predict better. Zero: all count the same.",
    )
    comparison = fields.Json(readonly=True)
    compared_with_id = fields.Many2one("crm.score.model", "Compared with", readonly=True, ondelete="set null")
    publishable = fields.Boolean(
        "Not worse", readonly=True, help="Not worse than the version it replaces, on the same leads."
    )
    error = fields.Text("Problem", readonly=True, copy=False, help="Why it could not be read or used last time.")
    drift = fields.Json("Drift report", readonly=True)
    drift_date = fields.Datetime("Drift checked", readonly=True)
    drift_level = fields.Selection(
        [("stable", "None"), ("moderate", "Moderate"), ("large", "Large")], "Drift", readonly=True
    )

    shortfall_text = fields.Char("Why there is no prediction", compute="_compute_shortfall_text")
    comparison_text = fields.Char("Compared with the version it replaces", compute="_compute_comparison_text")
    fairness_text = fields.Text("Fairness note", compute="_compute_fairness_text")
    by_group_text = fields.Text("By group", compute="_compute_fairness_text")
    leak_text = fields.Text("Suspicious fields", compute="_compute_leak_text")
    drift_text = fields.Char("Drift summary", compute="_compute_drift_text")
    # It names values of leads and says how many have them, also of leads that not every salesperson may read.
    # compute_sudo: names of sources, countries and the like, for managers, who read all leads of the company.
    shapes = fields.Json(
        "What it learned", compute="_compute_shapes", compute_sudo=True, groups="crm_plus.group_crm_plus_manager"
    )

    _version_unique = models.UniqueIndex("(company_id, COALESCE(team_id, 0), version)", "This version already exists.")
    _published_unique = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0)) WHERE state = 'published'",
        "Another version is already published. Retire it first.",
    )

    @api.depends("company_id", "team_id", "version")
    def _compute_display_name(self):
        for model in self:
            scope = model.team_id.name or model.company_id.name
            model.display_name = self.env._("%(scope)s, version %(version)s", scope=scope, version=model.version)

    # ------------------------------------------------------------------ in words

    @api.depends("auc", "auc_low", "auc_high", "evaluation")
    @api.depends_context("lang")
    def _compute_quality(self):
        for model in self:
            half = (model.auc_high - model.auc_low) / 2
            level = next(name for least, name in QUALITIES if model.auc >= least)
            model.quality = ("unclear" if half > UNCLEAR else level) if model.evaluation else False
            between = model.auc_high and model.env._(
                "%(auc)s (%(low)s to %(high)s)",
                auc=f"{model.auc:.2f}",
                low=f"{model.auc_low:.2f}",
                high=f"{model.auc_high:.2f}",
            )
            model.auc_text = (model.evaluation and between) or False

    @api.depends("shortfall")
    @api.depends_context("lang")
    def _compute_shortfall_text(self):
        for model in self:
            model.shortfall_text = Wording(model).shortfall() if model.shortfall else False

    @api.depends("comparison", "compared_with_id")
    @api.depends_context("lang")
    def _compute_comparison_text(self):
        for model in self:
            model.comparison_text = Wording(model).comparison() if model.comparison else False

    @api.depends("fairness", "by_group")
    @api.depends_context("lang")
    def _compute_fairness_text(self):
        for model in self:
            model.fairness_text = Wording(model).fairness() or False
            model.by_group_text = "\n".join(Wording(model).groups()) or False

    @api.depends("leaks")
    @api.depends_context("lang")
    def _compute_leak_text(self):
        for model in self:
            model.leak_text = Wording(model).leaks()

    @api.depends("drift", "drift_level")
    @api.depends_context("lang")
    def _compute_drift_text(self):
        for model in self:
            model.drift_text = " ".join(Wording(model).drift()) if model.drift else False

    @api.depends("predictor")
    @api.depends_context("lang")
    def _compute_shapes(self):
        for model in self:
            model.shapes = model._learnt() if model._is_readable() else False

    def _learnt(self):
        from ...services.prediction.readable import shapes

        return shapes(self._predictor(), self._words()[1], self._feature_namer())

    def _feature_namer(self):
        return feature_namer(self)

    # ------------------------------------------------------------------ changes

    def write(self, vals):
        if "predictor" in vals or "state" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        for model in self:
            if model.state == "published":
                raise UserError(
                    self.env._(
                        "“%(version)s” is in use for open leads. Publish another version or retire this one, then "
                        "delete it.",
                        version=model.display_name,
                    )
                )

    def unlink(self):
        self.env["crm.lead.score"]._forget_predictions(self)
        return super().unlink()

    def _discard(self):
        """Delete these versions, those in use as well, because what they predict for is being deleted."""
        self.filtered(lambda model: model.state == "published")._retire()
        self.unlink()

    # ------------------------------------------------------------------ actions

    def action_publish(self):
        """Use this version. One that did worse than the current one on the same leads needs a confirmation."""
        self._check_usable()
        if not self.publishable:
            raise UserError(
                self.env._(
                    "This version has not been shown to be as good as the one it would replace (%(comparison)s). "
                    "Confirm to use it.",
                    comparison=self.comparison_text,
                )
            )
        self.sudo()._publish()  # sudo: a manager's decision, checked above; nothing else of a version can be changed

    def action_publish_anyway(self):
        """Use this version although it did worse, or an earlier one again; the button asks first."""
        self._check_usable()
        self.sudo()._publish()  # sudo: as above

    action_restore = action_publish_anyway

    def action_retire(self):
        """Stop predicting in this scope; the scores by rules carry on."""
        self._check_manager()
        if any(model.state != "published" for model in self):
            raise UserError(self.env._("Only a published version can be retired."))
        self.sudo()._retire()  # sudo: as above
        self._take_back("retired")

    def _retire(self):
        if self:
            self.state = "retired"
            self.env["crm.lead.score"]._rescore_soon()

    def action_train(self, cutoff=None):
        """Train in the background, right away: on leads closed until the day ``cutoff``, by default on all of them."""
        self._check_manager()
        try:
            cutoff = fields.Date.to_date(cutoff)
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "Learn from leads closed until: “%(value)s” is not a date. Enter, for example, 2026-05-31.",
                    value=cutoff,
                )
            ) from error
        if cutoff and cutoff >= fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "Learn from leads closed until: choose a date before today. The version is evaluated on leads "
                    "closed later."
                )
            )
        # sudo: notes the manager's wish on the company.
        self.env.company.sudo().write({"crm_plus_train_requested": True, "crm_plus_train_until": cutoff})
        self.env["crm.job"]._wake_for_user("ir_cron_train_predictions")
        return self._told(self.env._("Training has started. The new version will appear in this list when it is done."))

    def _check_usable(self):
        self.ensure_one()
        self._check_manager()
        if not self.sudo().predictor:  # sudo: whether there is one
            raise UserError(self.env._("There is no prediction to publish: %(reason)s", reason=self.shortfall_text))
        if not self.sudo()._is_readable():  # sudo: the format it is written in
            raise UserError(self.env._("This version was trained by another release of CRM Plus. Train a new one."))

    def _publish(self):
        current = self._published(self.company_id, self.team_id)
        current.state = "retired"
        current.flush_recordset(["state"])  # two published versions at once would break the unique index
        self.state = "published"
        self.env["crm.lead.score"]._rescore_soon()
        self._take_back("draft", "retired", "published")

    @api.model
    def _published(self, company, team=None):
        """The version in use for exactly this scope."""
        return self.search([("state", "=", "published"), *self._scope(company, team)], limit=1)

    @api.model
    def _scope(self, company, team=None):
        """The domain of the versions of a company, or of one of its teams."""
        return [("company_id", "=", company.id), ("team_id", "=", team.id if team else False)]

    @api.model
    def _in_use(self, company=None):
        """The versions in use, of all companies or of one."""
        of_company = [("company_id", "=", company.id)] if company else []
        # sudo: predictions are the same whoever changes a lead; versions are not shown.
        published = [("state", "=", "published"), *of_company]
        return self.sudo().search_fetch(published, ["company_id", "team_id"], order="id")

    @api.model
    def _scopes_in_use(self):
        """The versions in use, each with the condition on leads ``l`` that it predicts."""
        versions = self._in_use()
        return [(model, model._predicted(versions)) for model in versions]

    def _predicted(self, versions):
        """The condition on leads ``l`` that it predicts: those of its team, else those of its company in teams without
        a version of their own among ``versions``."""
        team = SQL("COALESCE(l.team_id, 0)")
        if self.team_id:
            teams = SQL("%s = %s", team, self.team_id.id)
        else:
            others = versions.filtered(lambda other: other.company_id == self.company_id).team_id.ids
            teams = SQL("NOT %s = ANY(%s)", team, others)
        return SQL("(%s = %s AND %s)", COMPANY, self.company_id.id, teams)

    # ------------------------------------------------------------------ what it reads

    def _feature_names(self):
        return [feature["name"] for feature in self.features or ()]

    def _readings(self):
        """What these versions read, as they learned it."""
        return {reading for model in self if model._is_readable() for reading in model._own_readings()}

    @ormcache("self.id")
    def _own_readings(self):
        return tuple(Reading(feature["name"], feature["kind"], feature["origin"]) for feature in self.features)

    def _hidden_names(self):
        """Of what it reads, what the reader may not read on a lead or contact."""
        env = self.sudo(False).env
        return {reading.name for reading in self._own_readings() if not reading.may_be_shown(env)}

    def _advised_features(self):
        """Of what it reads, what salespeople may be advised to fill in or to do."""
        wanted = [("advised", "=", True), ("sensitive", "=", False), ("barred", "=", False)]
        return self.env["crm.score.feature"].search([("name", "in", self._feature_names()), *wanted])

    @ormcache("self.id")
    def _is_readable(self):
        """Whether this release can read the version; one that another release trained only waits for the next one."""
        from ...engine.prediction.model import FORMAT

        return bool(self.predictor) and self.predictor["format"] == FORMAT

    @ormcache("self.id", "self.env.lang")
    def _words(self):
        """(intercept, vocabulary in the reader's language): what reads the compact explanations of leads."""
        from ...engine.prediction.explain import vocabulary
        from ...services.prediction.readable import ReaderWords

        model = self._predictor()
        return model.intercept, vocabulary(model, ReaderWords(self.env, model, self._readings()))

    @ormcache("self.id")
    def _predictor(self):
        """The engine's model, ready to score. Needs numpy: call it in jobs and refreshes only."""
        from ...engine.prediction.model import ScoreModel

        return ScoreModel.from_json(self.predictor)

    def _judged(self):
        """The learning that its figures are of."""
        from ...engine.prediction.model import ScoreModel

        return ScoreModel.from_json(self.judged_predictor) if self.judged_predictor else self._predictor()

    # ------------------------------------------------------------------ training

    @api.model
    def _cron_train(self):
        """Companies that asked for it or are due; one commit a company."""
        due = fields.Datetime.now() - DUE_AFTER

        def is_due(company):
            trained = company.crm_plus_trained_on
            return company.crm_plus_train_requested or not trained or trained < due

        learned = defaultdict(dict)
        companies = self.env["res.company"].search([], order="id").filtered(is_due)
        self._in_steps(companies, lambda company: self._train_company(company, learned[company.id]))

    @api.model
    def _train_company(self, company, learned=None):
        """New versions: of the company, and of each of its sales teams that has enough closed leads of its own.

        ``learned`` holds what was learned, ``{team id: (values, error)}``: when another transaction is in the way of
        keeping it, it is kept in a transaction that does nothing else, and not learned again.
        """
        learned = {} if learned is None else learned
        found, day = self.browse(), company.crm_plus_train_until
        cutoff = day and datetime.combine(day, time.max)
        for team in (None, *self._teams_with_enough(company)):
            if team is not None and not team.exists():  # deleted meanwhile
                continue
            key = team and team.id
            if key not in learned:
                learned[key] = self._safely(self._learn_version, company, team, cutoff)
            values, error = learned[key]
            if not error:
                version, error = self._safely(self._keep_version, company, team, cutoff, values)
            found += self._abstain_failed(company, team, error) if error else version
        done = {"crm_plus_train_requested": False, "crm_plus_train_until": False}
        company.write(done | {"crm_plus_trained_on": fields.Datetime.now()})
        self._show_trained(company)
        return found

    @api.model
    def _teams_with_enough(self, company):
        published = self._in_use(company).team_id
        return self.env["crm.team"].browse(teams_with_enough(company, published.ids))

    @api.model
    def _train(self, company, team=None, cutoff=None):
        """One version, learned and kept."""
        return self._keep_version(company, team, cutoff, self._learn_version(company, team, cutoff))

    @api.model
    def _learn_version(self, company, team=None, cutoff=None):
        """The values of a version that has learned from leads closed until ``cutoff`` (by default all but the newest
        30 %) and was judged on those closed later; by default it has then learned once more, from all of them, to
        predict. With too few leads only its ``shortfall``."""
        started = monotonic()
        self.env["crm.score.feature"]._find()
        self.env.flush_all()
        features = self.env["crm.score.feature"]._usable()
        training = Training(company, team, features, self._replaced(company, team), cutoff)
        if training.missing:
            return {"shortfall": training.missing}
        values = training.run()
        return values | {"seconds": monotonic() - started} if values["features"] else {"shortfall": {"part": "fields"}}

    @api.model
    def _keep_version(self, company, team, cutoff, values):
        """The version with these values; it is published when it is not worse than what it replaces; up to a chosen day
        it waits for a manager, who gets a To-Do. Without enough to learn from it abstains."""
        if "shortfall" in values:
            return self._abstain(company, team, values["shortfall"])
        found = self._keep(company, team, values)
        if found.publishable and not cutoff:
            found._publish()
        found._take_back("draft")  # what waited before is out of date
        if found.state == "draft" and not cutoff:
            found._tell_managers(type(found)._draft_words)
        return found

    def _replaced(self, company, team):
        """The version that predicts for this scope now: the team's own or that of its company."""
        found = (team and self._published(company, team)) or self._published(company)
        return found.filtered(lambda version: version._is_readable())

    def _safely(self, step, *arguments):
        """(what ``step`` gives, None), or (None, error) with nothing of it left: one must not stop the others."""
        try:
            with self.env.cr.savepoint():
                return step(*arguments), None
        except DISTURBED:
            raise  # the scheduled action tries again
        except Exception as error:  # fields of any module are read
            return None, error

    def _abstain(self, company, team, missing):
        """Say what is missing; one such record a scope, brought up to date."""
        found = self.search([*self._scope(company, team), ("state", "=", "abstained")], limit=1)
        values = {"shortfall": missing, "trained_on": fields.Datetime.now()}
        if found:
            found.write(values)
            return found
        return self._keep(company, team, values | {"state": "abstained"})

    def _abstain_failed(self, company, team, error):
        _logger.warning("Training of %s failed", (team or company).display_name, exc_info=error)
        return self._abstain(company, team, {"part": "failed", "reason": str(error).strip()})

    def _keep(self, company, team, values):
        newest = self.search(self._scope(company, team), order="version desc", limit=1)
        found = self.create(
            {
                "company_id": company.id,
                "team_id": team.id if team else False,
                "version": newest.version + 1,
                "trained_on": fields.Datetime.now(),
                **values,
            }
        )
        _logger.info("Prediction %s: %s in %.1f s", found.display_name, found.state, found.seconds)
        return found

    def _note_error(self, error):
        """Show on the version why it fails, None when it works; somebody else who is writing it says the same."""
        text = str(error).strip() if error else False
        if self.error != text and self.try_lock_for_update(allow_referencing=True):
            self.error = text
            if error:
                _logger.warning("Prediction %s failed: %s", self.display_name, text)

    # ------------------------------------------------------------------ drift

    @api.model
    def _cron_check_drift(self):
        published = self._in_use().filtered(lambda model: model._is_readable())
        self._in_rounds(published, lambda model: model._check_drift())

    def action_check_drift(self):
        """Check now."""
        self._check_manager()
        # sudo: a manager asked, checked above; reads leads as columns of numbers and writes the finding only.
        for model in self.sudo().filtered(lambda model: model._is_readable()):
            model._check_drift()

    @api.model
    def _note_problem(self, item, problem):
        if problem and getattr(item, "_name", "") == self._name:
            item.write({"drift_date": fields.Datetime.now(), "drift": {"error": problem}, "drift_level": False})
        return super()._note_problem(item, problem)

    def _check_drift(self):
        """Compare the leads closed since it was judged with those it learned from; managers get a To-Do when
        drift has grown, and earlier ones are withdrawn."""
        self.env.flush_all()
        before = LEVELS.index(self.drift_level)
        found = drift_of(self, self._predicted(self._in_use()))
        self.write({"drift_date": fields.Datetime.now(), **found})
        now = LEVELS.index(self.drift_level)
        has_grown = now > max(before, LEVELS.index("stable"))
        if now < before or has_grown:
            self._take_back(self.state)
        if self.state == "published" and has_grown:
            self._tell_managers(type(self)._drift_words)

    # ------------------------------------------------------------------ what waits for managers

    def _tell_managers(self, words):
        """An activity for each manager of the company, in their language; ``words`` gives its summary and its note."""
        # sudo: who the managers are; the activity tells nothing that they may not read.
        users = self.env.ref(MANAGERS).sudo().all_user_ids
        for manager in users.filtered(lambda user: user.active and self.company_id in user.company_ids):
            version = self.sudo().with_context(lang=manager.lang)  # sudo: managers do not write versions
            summary, note = words(version)
            version.activity_schedule(TODO, summary=summary, note=note, user_id=manager.id)

    def _take_back(self, *states):
        """The To-Dos of the versions of this scope in these states are settled."""
        scope = [("company_id", "in", self.company_id.ids), ("team_id", "in", self.team_id.ids or [False])]
        self.sudo().search([*scope, ("state", "in", states)]).activity_unlink([TODO])  # sudo: others' activities, too

    def _draft_words(self):
        summary = self.env._("Decide whether to use version %(version)s", version=self.version)
        note = self.env._(
            "It was not published automatically, because it has not been shown to be as good as the "
            "version it replaces."
        )
        return summary, f"{note} {self.comparison_text}"

    def _drift_words(self):
        levels = dict(self._fields["drift_level"]._description_selection(self.env))
        summary = self.env._("Drift: %(level)s. Consider training a new version", level=levels[self.drift_level])
        return summary, self.drift_text
