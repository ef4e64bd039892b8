"""Pure computation: no Odoo, no clock, no database."""
