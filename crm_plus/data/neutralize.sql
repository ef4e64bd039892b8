-- A copy of a database contacts nobody. Odoo stops its scheduled actions; what would follow from customers who have moved
-- is not done later either, should somebody switch them on again.
UPDATE crm_segment_membership
   SET enter_pending = FALSE, leave_pending = FALSE, change_pending = FALSE
 WHERE enter_pending OR leave_pending OR change_pending;
UPDATE crm_tier_stay
   SET enter_pending = FALSE, leave_pending = FALSE, change_pending = FALSE, warning_pending = FALSE
 WHERE enter_pending OR leave_pending OR change_pending OR warning_pending;
UPDATE crm_lead_score
   SET hot_to_announce = FALSE
 WHERE hot_to_announce;

-- Server actions of segments may call other systems.
DELETE FROM crm_segment_enter_action_rel;
DELETE FROM crm_segment_leave_action_rel;
