from odoo import api, fields, models
from odoo.tools import format_list


class CrmScoreModel(models.Model):
    """The findings of a training in words, in the reader's language."""

    _inherit = "crm.score.model"

    shortfall_text = fields.Char("Why there is no prediction", compute="_compute_shortfall_text")
    comparison_text = fields.Char("Compared with what it replaces", compute="_compute_comparison_text")
    fairness_text = fields.Char("Fairness note", compute="_compute_fairness_text")
    leak_text = fields.Text("Suspicious fields", compute="_compute_leak_text")
    drift_text = fields.Char("Drift in words", compute="_compute_drift_text")
    # It names values of leads and says how many have them, also of leads that not every salesperson may read.
    # compute_sudo: names of sources, countries and the like, for managers, who read all leads of the company.
    shapes = fields.Json(
        "What it learnt", compute="_compute_shapes", compute_sudo=True, groups="crm_plus.group_crm_plus_manager"
    )

    @api.depends("shortfall")
    @api.depends_context("lang")
    def _compute_shortfall_text(self):
        for model in self:
            model.shortfall_text = model._shortfall_words(model.shortfall) if model.shortfall else False

    def _shortfall_words(self, missing):
        if missing["part"] == "moment":
            return self.env._("All leads were closed at the same moment: there are no later ones to judge on.")
        if missing["part"] == "failed":
            return self.env._("The training failed: %(reason)s", reason=missing["reason"])
        if missing["part"] == "fields":
            return self.env._("No field that may be used differs from lead to lead.")
        parts = []
        if missing["won"] < missing["min_won"]:
            parts.append(
                self.env._("at least %(min)s won leads (there are %(has)s)", min=missing["min_won"], has=missing["won"])
            )
        if missing["lost"] < missing["min_lost"]:
            parts.append(
                self.env._(
                    "at least %(min)s lost leads (there are %(has)s)", min=missing["min_lost"], has=missing["lost"]
                )
            )
        day = missing.get("cutoff")
        needs = format_list(self.env, parts)
        if missing["part"] == "judge":
            return self.env._("To be judged on leads closed after %(day)s it needs %(needs)s.", day=day, needs=needs)
        if not day:
            return self.env._("To learn it needs %(needs)s.", needs=needs)
        return self.env._("To learn from leads closed until %(day)s it needs %(needs)s.", day=day, needs=needs)

    @api.depends("comparison", "compared_with_id")
    @api.depends_context("lang")
    def _compute_comparison_text(self):
        words = {
            "better": self.env._("Better"),
            "not worse": self.env._("Not worse"),
            "unclear": self.env._("Perhaps worse"),
            "worse": self.env._("Worse"),
        }
        for model in self:
            found = model.comparison
            if not found:
                model.comparison_text = False
                continue
            text = self.env._(
                "%(decision)s than %(other)s: log-loss %(value)s (%(low)s to %(high)s) on %(leads)s leads",
                decision=words[found["decision"]],
                other=model._compared_name(),
                leads=found["leads"],
                **{key: _signed(value) for key, value in found["log_loss"].items()},
            )
            if version := found["too_few_since"]:
                few = self.env._("Version %(version)s has learnt from nearly all of these leads.", version=version)
                text = f"{text}. {few}"
            model.comparison_text = text

    def _compared_name(self):
        if version := self.comparison.get("version"):
            gone = self.env._("version %(version)s, which has been deleted", version=version)
            return self.compared_with_id.display_name or gone
        return self.env._("the average")

    @api.depends("fairness")
    @api.depends_context("lang")
    def _compute_fairness_text(self):
        for model in self:
            found = model.fairness
            name = model._feature_namer()
            model.fairness_text = found and self.env._(
                "%(share)s %% of what moves predictions says who somebody is, not what they want: %(fields)s",
                share=round(found["total"] * 100),
                fields=format_list(
                    self.env, [f"{name(key)} ({round(share * 100)} %)" for key, share in found["shares"]]
                ),
            )

    @api.depends("leaks")
    @api.depends_context("lang")
    def _compute_leak_text(self):
        for model in self:
            name = model._feature_namer()
            model.leak_text = "\n".join(model._leak_words(leak, name(leak["feature"])) for leak in model.leaks or ())

    def _leak_words(self, leak, name):
        share = round(abs(leak["value"]) * 100)
        more = leak["value"] > 0
        if leak["reason"] == "auc":
            text = self.env._("%(field)s alone tells won from lost leads almost perfectly.", field=name)
        elif leak["reason"] == "pure":
            text = self.env._(
                "%(share)s %% of the won and of the lost leads have a value of %(field)s that nearly only they have.",
                field=name,
                share=share,
            )
        elif leak["reason"] == "never":
            sides = (self.env._("won"), self.env._("lost"))
            most, none = sides if more else sides[::-1]
            text = self.env._(
                "%(share)s %% of the %(most)s leads have a value of %(field)s that no %(none)s lead has.",
                field=name,
                share=share,
                most=most,
                none=none,
            )
        elif leak["reason"] == "won_lost_fill":
            sides = (self.env._("won"), self.env._("lost"))
            text = self._fill_words(name, share, *(sides if more else sides[::-1]))
        else:
            text = self._fill_words(name, share, self.env._("closed"), self.env._("open"))
        used = self.env._("Used, because it is trusted.") if leak["used"] else self.env._("Not used.")
        return f"{text} {used}"

    def _fill_words(self, name, share, more, less):
        return self.env._(
            "%(field)s is filled %(share)s percentage points more often on %(more)s leads than on %(less)s ones.",
            field=name,
            share=share,
            more=more,
            less=less,
        )

    @api.depends("drift", "drift_level")
    @api.depends_context("lang")
    def _compute_drift_text(self):
        for model in self:
            model.drift_text = bool(model.drift) and " ".join(model._drift_sentences(model.drift))

    def _drift_sentences(self, found):
        if "error" in found:
            yield self.env._("The check failed: %(error)s", error=found["error"])
            return
        leads = found["leads"]
        if "shifts" not in found:
            yield self.env._("Only %(leads)s leads were closed since it was judged: too few to tell.", leads=leads)
            return
        name = self._feature_namer()
        moved = [name(shift["name"]) for shift in found["shifts"] if shift["level"] != "stable"]
        if moved:
            yield self.env._(
                "%(leads)s leads closed since it was judged differ from those it learnt from in: %(moved)s.",
                leads=leads,
                moved=format_list(self.env, moved),
            )
        else:
            yield self.env._("%(leads)s leads closed since it was judged are like those it learnt from.", leads=leads)
        if came_true := found.get("calibration"):
            yield self.env._(
                "Seen at every age they were open at, %(won)s %% were won; %(predicted)s %% were predicted.",
                won=round(came_true["won"] * 100),
                predicted=round(came_true["predicted"] * 100),
            )

    @api.depends("predictor")
    @api.depends_context("lang")
    def _compute_shapes(self):
        for model in self:
            model.shapes = model._learnt() if model._is_readable() else False

    def _learnt(self):
        from ...services.prediction.readable import shapes

        return shapes(self._predictor(), self._words()[1], self._feature_namer())

    def _feature_namer(self):
        """A function that gives what people call a feature or a pair of them, in the reader's language."""
        # sudo: names of fields.
        features = self.env["crm.score.feature"].sudo().search([])
        known = {feature["name"]: feature["label"] for feature in self.features or ()}
        known |= {feature.name: feature.display_name for feature in features} | {"score": self.env._("Score")}
        return lambda name: " × ".join(known.get(part, part) for part in name.split(" × "))


def _signed(value):
    """A number with its sign, which stays before it in languages written from right to left (Unicode isolates)."""
    return f"\u2066{value:+.4f}\u2069"
