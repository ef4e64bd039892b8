from odoo.tests import HttpCase, tagged


def hoot_id(suite):
    """The id of a suite of the host's browser test runner: its own hash of the suite's path.

    >>> hoot_id("@web")
    '001ee314'
    """
    value = 0
    for character in suite:
        value = ((value << 5) - value + ord(character)) & 0xFFFFFFFF
    return f"{value:08x}"


@tagged("post_install", "-at_install")
class TestJavaScript(HttpCase):
    def test_the_javascript_suite_passes_on_a_desktop(self):
        self._run_suite("desktop")

    def _run_suite(self, preset):
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000&id={hoot_id('@crm_plus')}",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
        )
