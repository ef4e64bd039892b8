import json

from odoo import api, fields, models
from odoo.tools import SQL


class CrmJobMemory(models.Model):
    """What one scheduled action remembers of one record, such as how far it has come with a company.

    It stands beside the record and refers to nothing: users save companies and sources and refer to them all day, and
    neither they nor two scheduled actions that remember something of the same record are in each other's way.
    """

    _name = "crm.job.memory"
    _description = "What a scheduled action remembers"
    _log_access = False

    job = fields.Char(required=True)
    res_model = fields.Char(string="Record model", required=True)
    res_id = fields.Integer(string="Record ID", required=True)
    noted = fields.Json("What it remembers", required=True)

    _record_unique = models.UniqueIndex("(res_model, res_id, job)")

    @api.model
    def _note(self, records, job, noted):
        """Add to what a scheduled action remembers of these records; what stays the same is not written."""
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_job_memory AS known (job, res_model, res_id, noted)
                   SELECT %s, %s, unnest(%s), %s::jsonb
                   ON CONFLICT (res_model, res_id, job) DO UPDATE SET noted = known.noted || excluded.noted
                    WHERE known.noted || excluded.noted <> known.noted""",
                job,
                records._name,
                list(records._ids),
                json.dumps(noted),
            )
        )

    @api.model
    def _of(self, records):
        """``{record id: what all scheduled actions together remember of it}``."""
        found = {}
        for record_id, noted in self.env.execute_query(
            SQL(
                "SELECT res_id, noted FROM crm_job_memory WHERE res_model = %s AND res_id = ANY(%s)",
                records._name,
                [record_id for record_id in records._ids if record_id],
            )
        ):
            found.setdefault(record_id, {}).update(noted)
        return found

    @api.model
    def _forget(self, records):
        """Nothing is remembered of records that are deleted."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_job_memory WHERE res_model = %s AND res_id = ANY(%s)",
                records._name,
                list(records._ids),
            )
        )
