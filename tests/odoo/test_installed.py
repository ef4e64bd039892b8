"""The add-on is part of the host."""


def test_the_add_on_is_installed(env):
    addon = env["ir.module.module"].search([("name", "=", "crm_plus")])
    assert addon.state == "installed"
    assert addon.license == "LGPL-3"
