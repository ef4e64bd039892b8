"""The host's own robot clicks every menu, filter and view of CRM, ours included: for `./dev host-tests clicks`."""

from odoo.tests import HttpCase, tagged

START = "odoo.loader.modules.get('@web/webclient/clickbot/clickbot_loader').startClickEverywhere('crm.crm_menu_root');"


@tagged("post_install", "-at_install")
class TestClicks(HttpCase):
    test_tags = {"standard", "post_install"}
    test_module = "web"
    test_sequence = 0
    allow_end_on_form = True

    def test_every_menu_of_crm(self):
        users = self.env["res.users"]
        if "tour_enabled" in users._fields:
            self.env.ref("base.user_admin").tour_enabled = False
        self.browser_js(
            "/odoo",
            START,
            "odoo.isReady === true",
            login="admin",
            timeout=2400,
            success_signal="clickbot test succeeded",
        )
