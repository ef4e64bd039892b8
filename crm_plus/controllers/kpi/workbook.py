"""Downloads of what the screens show."""

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from ...engine.checks import day, integer
from ...engine.kpi.board_request import NARROWED_BY, board_request, narrowing
from ...models.customer.crm_customer_cohort import MOST_MONTHS
from ...services.arguments import argument
from ...services.kpi.workbook import Sheets, workbook

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Workbook(http.Controller):
    """One address a screen; who may export from the host's lists may export here."""

    @http.route("/crm_plus/overview.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def overview(self, **asked):
        """The overview of a period, narrowed as there."""
        env = self._env(asked)
        chosen = _narrowed(asked) | {name: asked.get(name) for name in ("date_from", "date_to")}
        return self._answer(env, "overview", Sheets(env).overview(argument(env, "chosen", chosen, board_request)))

    @http.route("/crm_plus/segment_map.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def segment_map(self, **asked):
        """Customers by scores and segment."""
        env = self._env(asked)
        return self._answer(env, "segment-map", Sheets(env).segment_map())

    @http.route("/crm_plus/retention.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def retention(self, months="12", **asked):
        """The newest cohorts, narrowed as in the overview."""
        env = self._env(asked)
        months = argument(env, "months", _number(months), integer(1, MOST_MONTHS))
        narrowed = argument(env, "narrowed", _narrowed(asked), narrowing)
        return self._answer(env, "retention", Sheets(env).retention(months, narrowed))

    @http.route("/crm_plus/movement.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def movement(self, date_from="", date_to="", **asked):
        """Who was where on two days."""
        env = self._env(asked)
        days = [str(argument(env, name, value, day)) for name, value in (("from", date_from), ("to", date_to))]
        return self._answer(env, "segment-changes", Sheets(env).movement(*days))

    def _env(self, asked):
        """The environment of the user in the company that the page shows, one of theirs."""
        env = request.env
        if not env.user.has_group("base.group_allow_export"):
            raise AccessError(env._("You may not export. Ask an administrator for the right to export."))
        env["crm.customer.profile"].check_access("read")
        company = _number(asked.get("company_id"))
        return env(context={**env.context, "allowed_company_ids": [company]}) if isinstance(company, int) else env

    def _answer(self, env, name, sheets):
        headers = [("Content-Type", TYPE), ("Content-Disposition", content_disposition(f"{name}.xlsx"))]
        is_rtl = env["res.lang"]._get_data(code=env.lang or "en_US").direction == "rtl"
        return request.make_response(workbook(sheets, env.company.currency_id, is_rtl), headers)


def _narrowed(asked):
    """The filters of an address."""
    return {name: _number(asked[name]) for name in NARROWED_BY if name in asked}


def _number(value):
    """The number that a text is, else the text: it is refused by name then."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 12 else value
