from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Subjects that come as add-ons of their own with a new installation come with the upgrade, too: the host installs
    by itself only what becomes possible by an installation."""
    modules = api.Environment(cr, SUPERUSER_ID, {})["ir.module.module"]
    waiting = modules.search(
        [("name", "=like", r"crm\_plus\_%"), ("state", "=", "uninstalled"), ("auto_install", "=", True)]
    )
    subjects = waiting.filtered(lambda module: module.dependencies_id.mapped("name") == ["crm_plus"])
    if subjects:
        subjects.button_install()
