from odoo import api, models
from odoo.addons.crm_plus.engine.checks import choice, day, identifiers, named_values
from odoo.addons.crm_plus.engine.kpi.figures import BY_CODE
from odoo.addons.crm_plus.services.arguments import argument
from odoo.addons.crm_plus.services.kpi.period import period_values
from odoo.fields import Domain

# In the context of a pivot or chart: figures of the whole company, unless a filter asks for a part of it.
WHOLE = "crm_plus_whole_company"
# What a figure is broken down by, one at a time, and the argument of a request that names the records.
BROKEN_DOWN = {"segment_id": "segment_ids", "tier_id": "tier_ids", "team_id": "team_ids"}


class CrmKpiDay(models.Model):
    _inherit = "crm.kpi.day"

    @api.model
    def _search(self, domain, *args, **kwargs):
        """A dashboard shows the whole company until a filter asks for segments, tiers or teams: their rows, which say
        the same once more, are never mixed with its own."""
        if self.env.context.get(WHOLE):
            domain = Domain(domain)
            if not {condition.field_expr for condition in domain.iter_conditions()} & {*BROKEN_DOWN, "dimension"}:
                domain &= Domain("dimension", "=", "company")
        return super()._search(domain, *args, **kwargs)

    @api.model
    @api.readonly
    def figures_for_spreadsheet(self, requests):
        """What figures come to in a period, in the order of the requests: ``[{"label", "unit", "value", "target",
        "company_id"}]``.

        A request is ``{"figure"}`` and any of ``date_from``, ``date_to``, and of ``segment_ids``, ``tier_ids``,
        ``team_ids`` and ``company_ids``, lists of ids. Values are those of the overview: of the whole company or of
        one breakdown; False where nothing is recorded, or not by so much at once. A target is that of one company or
        of one of its sales teams. ``company_id`` is one whose currency amounts are in. Each period is read once,
        however many figures of it are asked for.
        """
        self.check_access("read")
        labels = dict(self._fields["figure"]._description_selection(self.env))
        values, targets, answers = {}, {}, []
        for one in requests if isinstance(requests, list | tuple) else [requests]:
            request = argument(self.env, "requests", one, figure_request)
            of = tuple(item for item in request.items() if item[0] != "figure")
            if of not in values:
                values[of], targets[of] = self._values_asked(dict(of)), self._targets_asked(dict(of))
            code = request["figure"]
            answers.append(
                {
                    "label": labels[code],
                    "unit": BY_CODE[code].unit,
                    "value": values[of].get(code, False),
                    "target": targets[of].get(code, False),
                    "company_id": self._companies_asked(dict(of))[:1].id,
                }
            )
        return answers

    def _values_asked(self, of):
        """``{code: value}`` of what is asked for; nothing where figures are not recorded by it."""
        chosen = [(field, of[name]) for field, name in BROKEN_DOWN.items() if of[name]]
        segments = self.env["crm.segment"].search([("id", "in", of["segment_ids"])])
        if len(chosen) > 1 or len(segments.family_id) > 1:
            return {}
        where = Domain("dimension", "=", "company")
        for field, ids in chosen:
            where = Domain(field, "in", list(ids))
        if of["company_ids"]:
            where &= Domain("company_id", "in", list(of["company_ids"]))
        return period_values(self, where, of["date_from"], of["date_to"])

    def _targets_asked(self, of):
        companies, teams = self._companies_asked(of), of["team_ids"]
        if not (of["date_from"] and of["date_to"]) or len(companies) != 1 or len(teams) > 1:
            return {}
        if of["segment_ids"] or of["tier_ids"]:
            return {}
        return self.env["crm.kpi.target"]._of(companies, of["date_from"], of["date_to"], teams[0] if teams else False)

    def _companies_asked(self, of):
        companies = self.env.companies
        return companies & companies.browse(of["company_ids"]) if of["company_ids"] else companies


def figure_request(given):
    """What a cell asks, checked and complete."""
    given = named_values(given)
    dates = {name: day(given[name]) if given.get(name) else None for name in ("date_from", "date_to")}
    names = (*BROKEN_DOWN.values(), "company_ids")
    records = {name: tuple(sorted(identifiers(given.get(name) or []))) for name in names}
    return {"figure": choice(tuple(BY_CODE))(given.get("figure")), **dates, **records}
