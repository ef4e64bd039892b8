from . import crm_customer_group_mixin, crm_customer_mixin, crm_preview_mixin, crm_stay_mixin
