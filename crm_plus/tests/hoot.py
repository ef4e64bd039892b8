"""Runs the JavaScript tests of an add-on in the host's browser test runner."""


def hoot_id(suite):
    """The id of a suite: the runner's own hash of its path.

    >>> hoot_id("@web")
    '001ee314'
    """
    value = 0
    for character in suite:
        value = ((value << 5) - value + ord(character)) & 0xFFFFFFFF
    return f"{value:08x}"


def run_suite(case, suite, preset="desktop"):
    """Run the tests of an add-on, as in "@crm_plus"; ``case`` is an `HttpCase`."""
    case.browser_js(
        f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000&id={hoot_id(suite)}",
        "",
        "",
        login="admin",
        timeout=600,
        success_signal="[HOOT] Test suite succeeded",
    )
