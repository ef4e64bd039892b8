"""The findings of a training in words, in the reader's language."""

from odoo.tools import format_list

from .readable import level_names


class Wording:
    """What a `crm.score.model` found, for people."""

    def __init__(self, version):
        self.version, self.env = version, version.env
        self.name = feature_namer(version)

    def shortfall(self):
        """Why there is no prediction."""
        missing = self.version.shortfall
        if missing["part"] == "moment":
            return self.env._("All leads were closed at the same time, so there are no later ones to evaluate on.")
        if missing["part"] == "failed":
            return self.env._("Training failed: %(reason)s", reason=missing["reason"])
        if missing["part"] == "fields":
            return self.env._("No usable field differs from lead to lead.")
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
            return self.env._(
                "To be evaluated on leads closed after %(day)s, it needs %(needs)s.", day=day, needs=needs
            )
        if not day:
            return self.env._("To learn, it needs %(needs)s.", needs=needs)
        return self.env._("To learn from leads closed until %(day)s, it needs %(needs)s.", day=day, needs=needs)

    def comparison(self):
        """How it did beside what it replaces, or the average."""
        found = self.version.comparison
        words = {
            "better": self.env._("Better"),
            "not worse": self.env._("Not worse"),
            "unclear": self.env._("Perhaps worse"),
            "worse": self.env._("Worse"),
        }
        text = self.env._(
            "%(decision)s than %(other)s: log-loss %(value)s (%(low)s to %(high)s) on %(leads)s leads",
            decision=words[found["decision"]],
            other=self._compared_name(),
            leads=found["leads"],
            **{key: _signed(value) for key, value in found["log_loss"].items()},
        )
        if version := found["too_few_since"]:
            few = self.env._("Version %(version)s has learned from nearly all of these leads.", version=version)
            text = f"{text}. {few}"
        return text

    def _compared_name(self):
        if version := self.version.comparison.get("version"):
            gone = self.env._("version %(version)s, which has been deleted", version=version)
            return self.version.compared_with_id.display_name or gone
        return self.env._("the average")

    def fairness(self):
        """What is to be thought of, a line each: how much of it says who somebody is, and for whom it is wrong."""
        return "\n".join(([self._dominant()] if self.version.fairness else []) + list(self._wrong_groups()))

    def _wrong_groups(self):
        for group, line in zip(self.version.by_group or (), self.groups(), strict=True):
            if group.get("differ"):
                yield self.env._("Wrong for a group, by more than chance: %(group)s", group=line)

    def _dominant(self):
        found = self.version.fairness
        return self.env._(
            "%(share)s%% of what drives predictions is about who a person is, not what they want: %(fields)s",
            share=round(found["total"] * 100),
            fields=format_list(
                self.env, [f"{self.name(key)} ({round(share * 100)}%)" for key, share in found["shares"]]
            ),
        )

    def groups(self):
        """What was predicted for the leads of each group, and how many of them were won, a line each."""
        groups = self.version.by_group or ()
        levels = {name: [g["level"] for g in groups if g["feature"] == name] for name in {g["feature"] for g in groups}}
        # sudo: how a field is read
        features = self.env["crm.score.feature"].sudo().search([("name", "in", list(levels))])
        names = {f.name: level_names(self.env, f._reading(), levels[f.name]) or {} for f in features}
        for group in groups:
            yield self.env._(
                "%(field)s: %(value)s: %(told)s%% predicted, %(won)s%% won, of %(leads)s leads.",
                field=self.name(group["feature"]),
                value=names.get(group["feature"], {}).get(group["level"], group["level"]),
                told=round(100 * group["told"]),
                won=round(100 * group["won"]),
                leads=group["leads"],
            )

    def leaks(self):
        """Which fields seem to know the outcome, a line each."""
        return "\n".join(self._leak(leak, self.name(leak["feature"])) for leak in self.version.leaks or ())

    def _leak(self, leak, name):
        share = round(abs(leak["value"]) * 100)
        more = leak["value"] > 0
        if leak["reason"] == "auc":
            text = self.env._("%(field)s alone tells won from lost leads almost perfectly.", field=name)
        elif leak["reason"] == "pure":
            text = self.env._(
                "%(share)s%% of won and of lost leads have a value of %(field)s that almost only they have.",
                field=name,
                share=share,
            )
        elif leak["reason"] == "never":
            sides = (self.env._("won"), self.env._("lost"))
            most, none = sides if more else sides[::-1]
            text = self.env._(
                "%(share)s%% of %(most)s leads have a value of %(field)s that no %(none)s lead has.",
                field=name,
                share=share,
                most=most,
                none=none,
            )
        elif leak["reason"] == "late_fill":
            text = self.env._(
                "%(field)s is filled in later: %(share)s percentage points more often on closed leads than on open "
                "leads of the same age.",
                field=name,
                share=share,
            )
        elif leak["reason"] == "won_lost_fill":
            sides = (self.env._("won"), self.env._("lost"))
            text = self._fill(name, share, *(sides if more else sides[::-1]))
        else:
            text = self._fill(name, share, self.env._("closed"), self.env._("open"))
        used = (
            self.env._("Used, because it is marked as known before the outcome.")
            if leak["used"]
            else self.env._("Not used.")
        )
        return f"{text} {used}"

    def _fill(self, name, share, more, less):
        return self.env._(
            "%(field)s is filled in %(share)s percentage points more often on %(more)s leads than on %(less)s leads.",
            field=name,
            share=share,
            more=more,
            less=less,
        )

    def drift(self):
        """What the check of drift found, sentence by sentence."""
        found = self.version.drift
        if "error" in found:
            yield self.env._("The check failed: %(error)s", error=found["error"])
            return
        leads = found["leads"]
        if "shifts" not in found:
            yield self.env._("Only %(leads)s leads were closed since it was evaluated: too few to tell.", leads=leads)
            return
        moved = [self.name(shift["name"]) for shift in found["shifts"] if shift["level"] != "stable"]
        if moved:
            yield self.env._(
                "The %(leads)s leads closed since it was evaluated differ from those it learned from in: %(moved)s.",
                leads=leads,
                moved=format_list(self.env, moved),
            )
        else:
            yield self.env._(
                "The %(leads)s leads closed since it was evaluated are similar to those it learned from.", leads=leads
            )
        if came_true := found.get("calibration"):
            yield self.env._(
                "Over all ages at which they were open, %(won)s%% were won and %(predicted)s%% were predicted.",
                won=round(came_true["won"] * 100),
                predicted=round(came_true["predicted"] * 100),
            )


def feature_namer(version):
    """A function that gives what people call a feature or a pair of them, in the reader's language."""
    env = version.env
    # sudo: names of fields.
    features = env["crm.score.feature"].sudo().search([])
    known = {feature["name"]: feature["label"] for feature in version.features or ()}
    known |= {feature.name: feature.display_name for feature in features} | {"score": env._("Score")}
    return lambda name: " × ".join(known.get(part, part) for part in name.split(" × "))


def _signed(value):
    """A number with its sign, which stays before it in languages written from right to left (Unicode isolates)."""
    return f"\u2066{value:+.4f}\u2069"
