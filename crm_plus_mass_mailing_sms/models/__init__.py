from . import crm_reach_mixin
