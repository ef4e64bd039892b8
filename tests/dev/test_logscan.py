"""Which lines of a server log fail a test run."""

from devtools import logscan

HEADER = "2026-05-01 10:00:00,123 77"
TRACEBACK = f"""{HEADER} ERROR db odoo.http: Exception during request handling.
Traceback (most recent call last):
  File "x/crm_plus/models/crm_interaction.py", line 3, in y
ValueError: no
{HEADER} INFO db odoo.http: fine"""


def test_a_traceback_through_the_add_on_counts():
    found = [logscan.complaint(record) for record in logscan.records(TRACEBACK)]
    place = "crm_plus/models/crm_interaction.py, line 3, in y"
    assert found == [f"ERROR odoo.http: Exception during request handling. ({place})", None]


def test_a_logger_of_the_add_on_counts():
    record = f"{HEADER} WARNING db odoo.addons.crm_plus.models.interaction.crm_interaction: drift"
    assert logscan.complaint(record).startswith("WARNING odoo.addons.crm_plus")


def test_the_hosts_pages_in_our_browser_tests_do_not_count():
    logger = "odoo.addons.crm_plus.tests.test_tour.TestTour.test_x.browser"
    assert logscan.complaint(f"{HEADER} WARNING db {logger}: a warning of the host") is None
    assert logscan.complaint(f"{HEADER} WARNING db {logger}: crm_plus is odd")


def test_the_folder_of_the_checkout_does_not_count():
    assert logscan.complaint(f"{HEADER} WARNING db odoo.tools: slow start in {logscan.ROOT}/dev") is None


def test_each_complaint_is_said_once(tmp_path):
    log = tmp_path / "server.log"
    log.write_text(f"{HEADER} WARNING db odoo.models: crm_plus\n" * 3)
    assert logscan.complaints(log) == ["the server log says: WARNING odoo.models: crm_plus"]
    assert logscan.complaints(tmp_path / "missing.log") == []
