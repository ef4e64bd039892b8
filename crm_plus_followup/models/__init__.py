# A model comes before what refers to it.
# ruff: noqa: I001
from .followup import crm_reach_mixin
from .followup import crm_customer_group_mixin
from .followup import crm_audience
from .followup import crm_audience_behavior
from .followup import crm_followup_policy
from .followup import crm_followup_rule
from .followup import crm_followup_step
from .followup import crm_followup_member
from .followup import crm_followup_run
from .followup import crm_followup_event
from .followup import crm_followup_snooze
from .followup import crm_followup_today
from .followup import res_partner
from .followup import crm_customer_profile
from .followup import crm_segment
from .followup import crm_tier
