"""What scheduled actions remember of companies and sources moves out of these records, to a table beside them; records
to be captured are queued without a reference to their source."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists

# {table: (model, {job: columns})}
REMEMBERED = {
    "res_company": (
        "res.company",
        {
            "refresh": ("crm_plus_tier_cuts", "crm_plus_rfm_cuts", "crm_plus_profile_date"),
            "train": ("crm_plus_trained_date", "crm_plus_predicted_until", "crm_plus_population_gap"),
            "rescore": (
                "crm_plus_score_next_id", "crm_plus_score_version", "crm_plus_point_chance", "crm_plus_score_date",
            ),
            "recompute": ("crm_plus_recompute_from",),
            "train_predictions": ("crm_plus_train_requested", "crm_plus_train_until", "crm_plus_trained_on"),
        },
    ),
    "crm_interaction_source": (
        "crm.interaction.source",
        {
            "backfill": ("backfill_next_id", "backfill_total", "backfill_done"),
            "check": ("last_check", "last_error", "drift_missing", "drift_stale", "drift_changed"),
        },
    ),
}  # fmt: skip
MOMENTS = {"crm_plus_profile_date", "crm_plus_score_date", "crm_plus_trained_on", "last_check"}
PROBLEMS = "crm_plus_problems"


def migrate(cr, _version):
    # what users do is queued without a reference, so that nothing can be in its way
    cr.execute("ALTER TABLE crm_interaction_queue DROP CONSTRAINT IF EXISTS crm_interaction_queue_source_id_fkey")
    cr.execute("DROP INDEX IF EXISTS crm_interaction_queue__source_id_index")
    if column_exists(cr, "res_company", PROBLEMS):
        cr.execute(
            """INSERT INTO crm_job_memory (job, res_model, res_id, noted)
               SELECT 'problem of ' || p.key, 'res.company', c.id, jsonb_build_object('problem of ' || p.key, p.value)
                 FROM res_company c, jsonb_each(c.crm_plus_problems) p
                WHERE jsonb_typeof(c.crm_plus_problems) = 'object'
               ON CONFLICT DO NOTHING"""
        )
        cr.execute(SQL("ALTER TABLE res_company DROP COLUMN %s", SQL.identifier(PROBLEMS)))
    for table, (model, jobs) in REMEMBERED.items():
        for job, names in jobs.items():
            _move(cr, table, model, job, [name for name in names if column_exists(cr, table, name)])


def _move(cr, table, model, job, names):
    if not names:
        return
    noted = SQL(", ").join(SQL("%s::text, %s", name, _value(name)) for name in names)
    cr.execute(
        SQL(
            """INSERT INTO crm_job_memory (job, res_model, res_id, noted)
               SELECT %s, %s, id, jsonb_strip_nulls(jsonb_build_object(%s)) FROM %s ON CONFLICT DO NOTHING""",
            job,
            model,
            noted,
            SQL.identifier(table),
        )
    )
    drops = SQL(", ").join(SQL("DROP COLUMN %s", SQL.identifier(name)) for name in names)
    cr.execute(SQL("ALTER TABLE %s %s", SQL.identifier(table), drops))


def _value(name):
    """As the fields keep it: a moment is a text of whole seconds."""
    column = SQL.identifier(name)
    return SQL("to_char(%s, 'YYYY-MM-DD HH24:MI:SS')", column) if name in MOMENTS else column
