from itertools import chain

from odoo import models
from odoo.exceptions import UserError


class Base(models.AbstractModel):
    """Models of ours say what cannot be grouped: the host answers a traceback when a field is not in the database."""

    _inherit = "base"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    def _read_group(self, domain, groupby=(), aggregates=(), *further, **options):
        groupby, aggregates = list(groupby), list(aggregates)
        try:
            return super()._read_group(domain, groupby, aggregates, *further, **options)
        except ValueError as error:
            if refusal := self._crm_plus_ungroupable([*groupby, *aggregates]):
                raise refusal from error
            raise

    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), *further, **options):
        grouping_sets, aggregates = [list(groups) for groups in grouping_sets], list(aggregates)
        try:
            return super()._read_grouping_sets(domain, grouping_sets, aggregates, *further, **options)
        except ValueError as error:
            if refusal := self._crm_plus_ungroupable([*chain(*grouping_sets), *aggregates]):
                raise refusal from error
            raise

    def _crm_plus_ungroupable(self, specs):
        """The error to raise when one of ``specs`` asks for a field of ours that is not in the database, nor worked out
        there; None for all else."""
        if not (self._original_module or "").startswith("crm_plus"):
            return None
        for name in sorted({spec.split(":")[0].split(".")[0] for spec in specs} & self._fields.keys()):
            try:
                self._field_to_sql(self._table, name, self._search([]))
            except ValueError:
                label = self._fields[name].get_description(self.env, ["string"])["string"]
                return UserError(
                    self.env._(
                        "“%(field)s” cannot be grouped or added up: it is worked out when it is shown.", field=label
                    )
                )
        return None
