from odoo import SUPERUSER_ID, api

# Bridges of the version before: whoever has taken one out wants it to stay out.
KNOWN = {"crm_plus_loyalty", "crm_plus_partnership", "crm_plus_pos"}


def migrate(cr, version):
    """Subjects and bridges that come as add-ons of their own with a new installation come with the upgrade, too: the
    host installs by itself only what becomes possible by an installation."""
    modules = api.Environment(cr, SUPERUSER_ID, {})["ir.module.module"]
    there = set(modules.search([("state", "in", ("installed", "to install", "to upgrade"))]).mapped("name"))
    waiting = modules.search(
        [("name", "=like", r"crm\_plus\_%"), ("state", "=", "uninstalled"), ("auto_install", "=", True)]
    )
    ready = waiting.filtered(
        lambda module: module.name not in KNOWN and set(module.dependencies_id.mapped("name")) <= there
    )
    if ready:
        ready.button_install()
