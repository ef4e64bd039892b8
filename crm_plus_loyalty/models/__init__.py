from . import crm_customer_group_mixin, crm_stay_mixin
