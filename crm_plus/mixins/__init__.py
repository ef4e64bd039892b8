from . import crm_customer_mixin, crm_stay_mixin
