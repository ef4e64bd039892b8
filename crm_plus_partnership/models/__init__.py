from . import crm_tier, crm_tier_stay
