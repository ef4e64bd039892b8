from . import crm_kpi_day
