-- A copy of a database contacts nobody. Odoo stops its scheduled actions; what customers who have moved would get is not
-- given later either, should somebody switch them on again.
UPDATE crm_segment_membership
   SET enter_pending = FALSE, leave_pending = FALSE, change_pending = FALSE
 WHERE enter_pending OR leave_pending OR change_pending;
UPDATE crm_tier_stay
   SET enter_pending = FALSE, leave_pending = FALSE, change_pending = FALSE
 WHERE enter_pending OR leave_pending OR change_pending;
UPDATE crm_lead_score
   SET hot_to_announce = FALSE
 WHERE hot_to_announce;

-- What waits for the add-on of follow-up rules after an upgrade may call other systems.
DO $$ BEGIN
    IF to_regclass('crm_former_effect') IS NOT NULL THEN
        DELETE FROM crm_former_effect WHERE kind IN ('enter', 'leave');
        DELETE FROM crm_former_pending;
    END IF;
END $$;
