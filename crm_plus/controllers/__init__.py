from .kpi import workbook
