"""The add-on is part of the host."""


def test_the_add_on_is_installed(env):
    addon = env["ir.module.module"].search([("name", "=", "crm_plus")])
    assert addon.state == "installed"
    assert addon.license == "LGPL-3"


def test_the_digest_that_everybody_gets_counts_hot_leads(env):
    assert env.ref("digest.digest_digest_default").kpi_crm_plus_hot_leads
