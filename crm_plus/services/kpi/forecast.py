"""How many orders are expected, how far that may be trusted, and what became of the last forecast."""

from odoo.fields import Domain

PROFILE, MODEL = "crm.customer.profile", "crm.purchase.model"
# Fewer earlier forecasts that were checked say nothing of how far the next may be off.
FEWEST_TESTS = 3
KINDS = ("purchases", "mbg_nbd", "bg_nbd", "pareto_nbd", "nbd", "own_count")


class Forecast:
    """The orders of the next twelve months of the customers that ``board`` leaves."""

    def __init__(self, board):
        self.env, self.company, self.board = board.env, board.company, board

    def card(self):
        """``{"expected", "customers", "low", "high", "check", "course", "shortfall"}``.

        ``low`` and ``high`` are of all customers: what came of earlier forecasts lay in between, in proportion. With
        filters, or with few such forecasts, they are False, since a part scatters more than the whole. ``check`` is
        what the model in use had forecast from earlier days only; ``shortfall`` says why there is no forecast.
        """
        model = self._model()
        [(expected, customers)] = self.env[PROFILE]._read_group(
            self._customers(), [], ["expected_orders:sum", "__count"]
        )
        contest = model.contest or {}
        tests = contest["standings"][0]["tests"] if contest.get("standings") else []
        knows = bool(customers) and len(tests) >= FEWEST_TESTS and not self.board.request.narrowed
        return {
            "expected": expected if customers else False,
            "customers": customers,
            "low": expected * contest["low"] if knows else False,
            "high": expected * contest["high"] if knows else False,
            "check": self._check(model),
            "course": model.forecast_course or [],
            "shortfall": model.shortfall_text or False,
        }

    def _check(self, model):
        if not model.check_from:
            return False
        return {
            "from": str(model.check_from),
            "until": str(model.check_until),
            "forecast": model.forecast_orders,
            "came": model.actual_orders,
            "repeated": model.repeated_orders,
            "off": model.forecast_off,
        }

    def _model(self):
        """The version in use, else the last that says why there is none."""
        mine = Domain("company_id", "=", self.company.id) & Domain("kind", "in", KINDS)
        models = self.env[MODEL]
        return models.search(mine & Domain("state", "=", "published"), limit=1) or models.search(mine, limit=1)

    def opened(self, key):
        """(model, condition on what a row counts), or None."""
        if key == "customers":
            return PROFILE, self._customers()
        return (MODEL, Domain("id", "in", self._model().ids)) if key == "check" else None

    def _customers(self):
        return self.board.customers() & Domain("expected_orders", "!=", False)
