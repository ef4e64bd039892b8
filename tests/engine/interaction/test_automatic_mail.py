import pytest

from crm_plus.engine.interaction.automatic_mail import is_automatic


@pytest.mark.parametrize(
    "header",
    [
        ("Auto-Submitted", "auto-replied"), ("AUTO-SUBMITTED", " Auto-Generated"), ("X-Autoreply", "yes"),
        ("X-Autorespond", ""), ("Precedence", "auto_reply"), ("X-Auto-Response-Suppress", "All"),
    ],
)  # fmt: skip
def test_a_machine_says_so(header):
    assert is_automatic([("Subject", "Re: x"), header])


@pytest.mark.parametrize(
    "headers",
    [[], [("Auto-Submitted", "no")], [("Precedence", "bulk")], [("Subject", "auto-replied")], [("X-Mailer", "all")]],
)
def test_people_do_not(headers):
    assert not is_automatic(headers)
