"""Cards of the overview that other modules bring: groups of a report of theirs, with its own fields and rights."""

from dataclasses import dataclass

from odoo.fields import Domain

# So many groups are shown, those with most of the first measure.
MOST = 10
UNITS = {"monetary": "money", "float": "percent"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a card shows of a model: ``measures`` grouped by the many2one ``group``, of what happened at the moment
    ``date`` and meets ``domain``. ``narrowed`` has the field by which each filter of the overview narrows it. A measure
    that is a float is a percentage."""

    label: str
    model: str
    group: str
    date: str
    measures: tuple[str, ...]
    narrowed: dict[str, str]
    domain: Domain = Domain.TRUE


class ReportCard:
    """A `Report` as far as the user may read its model and its fields; ``board`` narrows it."""

    def __init__(self, board, report):
        self.env, self.board, self.report = board.env, board, report
        self.model = self.env[report.model]

    def card(self):
        """``{"heads": [{"label", "why", "unit"}], "rows": [{"key", "label", "values"}]}``, a value for each head."""
        measures = self._measures()
        if not measures:
            return {"heads": [], "rows": []}
        fields = self.model._fields
        described = self.model.fields_get(measures, ["string", "help"])
        groups = self.model._read_group(self._domain(), [self.report.group], [f"{name}:sum" for name in measures])
        groups = sorted(groups, key=lambda group: (-(group[1] or 0), group[0].id))[:MOST]
        return {
            "heads": [
                {
                    "label": described[name]["string"],
                    "why": described[name].get("help") or described[name]["string"],
                    "unit": UNITS.get(fields[name].type, "count"),
                }
                for name in measures
            ],
            "rows": [
                {
                    "key": f"{one.id or 0}",
                    "label": one.display_name or self.env._("None"),
                    "values": [value if value is not None else False for value in values],
                }
                for one, *values in groups
            ],
        }

    def opened(self, key):
        """(model, condition on what a row adds up), or None."""
        if not str(key).isdecimal() or not self._measures():
            return None
        return self.report.model, self._domain() & Domain(self.report.group, "=", int(key) or False)

    def _measures(self):
        if not self.model.has_access("read"):
            return []
        fields = self.model._fields
        return [name for name in self.report.measures if self.model._has_field_access(fields[name], "read")]

    def _domain(self):
        mine = Domain("company_id", "=", self.board.company.id) & self.report.domain
        return mine & self.board.within(self.report.date) & self.board.narrowed(self.report.narrowed)
