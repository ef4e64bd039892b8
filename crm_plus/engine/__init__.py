"""Pure computation: numbers, dates and arrays in, frozen values out. Imports no Odoo, reads no clock, no database."""
