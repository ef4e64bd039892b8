"""The host's own JavaScript tests, of what the add-on extends: for `./dev host-tests hoot`."""

from odoo.tests import HttpCase, tagged

SUITES = ("@crm", "@sales_team", "@web/views/list", "@web/views/kanban", "@web/views/form", "@web/search")


def suite_id(suite):
    """The id of a suite of the host's browser test runner: its own hash of the suite's path.

    >>> suite_id("@web")
    '001ee314'
    """
    value = 0
    for character in suite:
        value = ((value << 5) - value + ord(character)) & 0xFFFFFFFF
    return f"{value:08x}"


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    test_tags = {"standard", "post_install"}
    test_module = "web"
    test_sequence = 0

    def test_what_the_add_on_extends(self):
        for suite in SUITES:
            with self.subTest(suite=suite):
                self.browser_js(
                    f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite_id(suite)}",
                    "",
                    "",
                    login="admin",
                    timeout=1200,
                    success_signal="[HOOT] Test suite succeeded",
                )
