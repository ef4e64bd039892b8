"""The stage a lead was in when it is seen, and for how long: from the changes that the host keeps.

The stage of a closed lead says how it ended. So it is read as of then, the old value of the first change after the
moment; a lead whose changes were not kept, as of an import, has none."""

from odoo.tools import SQL

STAGE, DAYS = "stage.at", "stage.days"
# Of closed leads without a known stage, more than this share would tell who was imported, not who will buy.
MOST_UNKNOWN = 0.05


def expression(env, name):
    """SQL of the stage, or of the days in it, of a lead ``l`` at ``l.seen_at``."""
    # sudo: the number of a field.
    field = env["ir.model.fields"].sudo()._get("crm.lead", "stage_id").id
    changes = SQL(
        """mail_message m JOIN mail_tracking_value t ON t.mail_message_id = m.id AND t.field_id = %s
            WHERE m.model = 'crm.lead' AND m.res_id = l.id""",
        field,
    )
    # No later change: nothing has to be looked up, as of every open lead.
    stayed = SQL("l.date_last_stage_update <= l.seen_at")
    if name == DAYS:
        since = SQL(
            """CASE WHEN %(stayed)s THEN l.date_last_stage_update
                    ELSE COALESCE((SELECT max(m.date) FROM %(changes)s AND m.date <= l.seen_at),
                                  CASE WHEN EXISTS (SELECT FROM %(changes)s AND m.date > l.seen_at)
                                       THEN l.create_date END) END""",
            changes=changes,
            stayed=stayed,
        )
        return SQL("floor(EXTRACT(EPOCH FROM l.seen_at - %s)::float8 / 86400)", since)
    return SQL(
        """(SELECT s.id FROM crm_stage s WHERE NOT COALESCE(s.is_won, FALSE) AND s.id =
               CASE WHEN %(stayed)s THEN l.stage_id
                    ELSE (SELECT t.old_value_integer FROM %(changes)s AND m.date > l.seen_at
                           ORDER BY m.date, t.id LIMIT 1) END)""",
        changes=changes,
        stayed=stayed,
    )
