# A model comes before what extends it.
# ruff: noqa: I001
from . import crm_job_mixin
from . import crm_customer_list_mixin, crm_customer_group_mixin, crm_customer_mixin, crm_preview_mixin, crm_stay_mixin
from . import crm_customer_past_mixin, crm_stay_effects
