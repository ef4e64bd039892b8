"""What segments and tiers did once (activities, plans and server actions on entering or leaving, the warning before a
tier is lost) is done by follow-up rules now. What they were told to do, and for whom it is still to be done, is kept
until the add-on of these rules takes it over, which may be installed later than this."""

from odoo.tools.sql import column_exists

EFFECTS = """
    SELECT 'crm.segment' AS res_model, id AS res_id, 'plan' AS kind, activity_plan_id AS ref_id
      FROM crm_segment WHERE activity_plan_id IS NOT NULL
     UNION ALL SELECT 'crm.segment', id, 'activity', activity_type_id
      FROM crm_segment WHERE activity_type_id IS NOT NULL
     UNION ALL SELECT 'crm.segment', crm_segment_id, 'enter', ir_act_server_id FROM crm_segment_enter_action_rel
     UNION ALL SELECT 'crm.segment', crm_segment_id, 'leave', ir_act_server_id FROM crm_segment_leave_action_rel
     UNION ALL SELECT 'crm.tier', id, 'warning', warning_activity_type_id
      FROM crm_tier WHERE warning_activity_type_id IS NOT NULL"""
# What a stay waits for, and the kinds of effects that would follow.
PENDING = """
    SELECT DISTINCT e.res_model, e.res_id, e.kind, s.company_id, s.partner_id
      FROM crm_former_effect e JOIN crm_segment_membership s ON s.segment_id = e.res_id
     WHERE e.res_model = 'crm.segment' AND NOT s.shadow
       AND (s.enter_pending AND e.kind IN ('plan', 'activity', 'enter') OR s.leave_pending AND e.kind = 'leave')
     UNION ALL
    SELECT e.res_model, e.res_id, e.kind, s.company_id, s.partner_id
      FROM crm_former_effect e JOIN crm_tier_stay s ON s.tier_id = e.res_id
     WHERE e.kind = 'warning' AND s.warning_pending"""
RELATIONS = ("crm_segment_enter_action_rel", "crm_segment_leave_action_rel")


def migrate(cr, _version):
    if not column_exists(cr, "crm_segment", "activity_plan_id"):
        return
    cr.execute(f"CREATE TABLE crm_former_effect AS {EFFECTS}")  # pylint: disable=sql-injection  # constants
    if cr.rowcount:
        cr.execute(f"CREATE TABLE crm_former_pending AS {PENDING}")  # pylint: disable=sql-injection  # constants
    else:
        cr.execute("DROP TABLE crm_former_effect")
    for relation in RELATIONS:
        cr.execute(f"DROP TABLE {relation}")  # pylint: disable=sql-injection  # constants
    cr.execute("DELETE FROM ir_model_relation WHERE name IN %s", [RELATIONS])
