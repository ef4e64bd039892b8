from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import ormcache

from ...services.prediction.readings import Reading


class CrmScoreModel(models.Model):
    """One trained version of the prediction of a company, or of one of its sales teams: what it learnt and how well it
    did on leads closed later. It never changes once trained; only its state does."""

    _name = "crm.score.model"
    _inherit = ["crm.job.mixin"]
    _description = "Prediction"
    _order = "trained_on desc, id desc"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, ondelete="cascade", help="None: all teams without one of their own."
    )
    version = fields.Integer(required=True, readonly=True, aggregator=None)
    state = fields.Selection(
        [("draft", "Trained"), ("published", "Published"), ("retired", "Retired"), ("abstained", "Not trained")],
        required=True,
        readonly=True,
        default="draft",
    )
    trained_on = fields.Datetime(readonly=True)
    seconds = fields.Float("Seconds it took", readonly=True, aggregator=None)

    trained_from = fields.Date("Learnt from leads closed since", readonly=True)
    trained_to = fields.Date(
        "Learnt from leads closed until",
        readonly=True,
        help="The figures are of what was learnt until then. To predict, a version learns once more, from all leads.",
    )
    train_won = fields.Integer("Won leads learnt from", readonly=True, aggregator=None)
    train_lost = fields.Integer("Lost leads learnt from", readonly=True, aggregator=None)
    judged_to = fields.Date("Judged on leads closed until", readonly=True)
    judged_won = fields.Integer("Won leads judged on", readonly=True, aggregator=None)
    judged_lost = fields.Integer("Lost leads judged on", readonly=True, aggregator=None)

    auc = fields.Float(
        "AUC",
        digits=(5, 3),
        readonly=True,
        aggregator=None,
        help="How often a won lead was ranked above a lost one: 0.5 is chance, 1 is perfect.",
    )
    log_loss = fields.Float(
        "Log-loss", digits=(5, 3), readonly=True, aggregator=None, help="Less is better; punishes being sure and wrong."
    )
    base_log_loss = fields.Float(
        "Log-loss of the average",
        digits=(5, 3),
        readonly=True,
        aggregator=None,
        help="What giving every lead the same average probability would have scored on the same leads.",
    )
    brier = fields.Float(digits=(5, 3), readonly=True, aggregator=None, help="Mean squared error: less is better.")
    ece = fields.Float(
        "Calibration error",
        digits=(5, 3),
        readonly=True,
        aggregator=None,
        help="How far probabilities were from what happened, on average; 0.02 is two percentage points.",
    )
    evaluation = fields.Json(readonly=True)
    features = fields.Json(readonly=True)
    predictor = fields.Json(readonly=True, prefetch=False, copy=False, groups="crm_plus.group_crm_plus_manager")
    # What the figures are of, where the predictor has learnt from the judged leads since.
    judged_predictor = fields.Json(readonly=True, prefetch=False, copy=False, groups="crm_plus.group_crm_plus_manager")
    leaks = fields.Json(readonly=True)
    fairness = fields.Json(readonly=True)
    shortfall = fields.Json(readonly=True)
    comparison = fields.Json(readonly=True)
    compared_with_id = fields.Many2one("crm.score.model", "Compared with", readonly=True, ondelete="set null")
    publishable = fields.Boolean("Not worse", readonly=True, help="Not worse than what it replaces, on the same leads.")
    error = fields.Text("Problem", readonly=True, copy=False, help="Why it could not be read or used the last time.")
    drift = fields.Json("Drift report", readonly=True)
    drift_date = fields.Datetime("Drift checked", readonly=True)
    drift_level = fields.Selection(
        [("stable", "None"), ("moderate", "Moderate"), ("large", "Large")], "Drift", readonly=True
    )

    _version_unique = models.UniqueIndex("(company_id, COALESCE(team_id, 0), version)", "This version exists already.")
    _published_unique = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0)) WHERE state = 'published'", "Another version is published already."
    )

    @api.depends("company_id", "team_id", "version")
    def _compute_display_name(self):
        for model in self:
            scope = model.team_id.name or model.company_id.name
            model.display_name = self.env._("%(scope)s, version %(version)s", scope=scope, version=model.version)

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
                        "“%(version)s” is in use: it predicts open leads. Publish another version or retire this one, "
                        "then delete it.",
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
                    "This version has not shown that it does as well as what it would replace (%(comparison)s). "
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
            raise UserError(self.env._("Only a version that is in use can be retired."))
        self.sudo()._retire()  # sudo: as above

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
                self.env._("Learn from leads closed until: “%(value)s” is not a day. Write 2026-05-31.", value=cutoff)
            ) from error
        if cutoff and cutoff >= fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "Learn from leads closed until: choose a day before today. It is judged on those closed later."
                )
            )
        # sudo: notes the manager's wish on the company.
        self.env.company.sudo().write({"crm_plus_train_requested": True, "crm_plus_train_until": cutoff})
        self.env["crm.job"]._wake("ir_cron_train_predictions")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The training has begun. The new version will be in this list when it is done."),
            },
        }

    def _check_manager(self):
        if not self.env.user.has_group("crm_plus.group_crm_plus_manager"):
            raise AccessError(self.env._("Only managers of CRM Plus may train, publish and retire predictions."))
        self.check_access("read")

    def _check_usable(self):
        self.ensure_one()
        self._check_manager()
        if not self.sudo().predictor:  # sudo: whether there is one
            raise UserError(self.env._("There is nothing to publish: %(reason)s", reason=self.shortfall_text))
        if not self.sudo()._is_readable():  # sudo: the format it is written in
            raise UserError(self.env._("This version was trained by another release of CRM Plus. Train a new one."))

    def _publish(self):
        current = self._published(self.company_id, self.team_id)
        current.state = "retired"
        current.flush_recordset(["state"])  # two published versions at once would break the unique index
        self.state = "published"
        self.env["crm.lead.score"]._rescore_soon()

    @api.model
    def _published(self, company, team=None):
        """The version in use for exactly this scope."""
        return self.search([("state", "=", "published"), *self._scope(company, team)], limit=1)

    @api.model
    def _scope(self, company, team=None):
        """The domain of the versions of a company, or of one of its teams."""
        return [("company_id", "=", company.id), ("team_id", "=", team.id if team else False)]

    def _feature_names(self):
        return [feature["name"] for feature in self.features or ()]

    def _readings(self):
        """What these versions read, as they learnt it."""
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
