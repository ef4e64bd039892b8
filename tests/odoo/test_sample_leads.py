"""The leads sample: two years of leads with conversations, enough for a first prediction."""

import pytest

from devtools.samples import leads

SOURCES = ("source_id.name", "in", list(leads.SOURCES))


@pytest.fixture
def sample(env, capsys):
    """The leads that were loaded."""
    leads.load(env)
    assert "the prediction has an AUC of" in capsys.readouterr().out
    return env["crm.lead"].with_context(active_test=False).search([SOURCES])


def test_they_are_won_lost_and_open_and_a_prediction_has_learnt_from_them(env, sample):
    assert len(sample) == leads.LEADS
    by_status = sample.grouped("won_status")
    assert all(len(by_status[status]) > 50 for status in ("won", "lost", "pending"))
    closed = by_status["won"] | by_status["lost"]
    assert all(lead.create_date < lead.date_closed for lead in closed)
    assert not any(by_status["pending"].mapped("date_closed"))
    version = env["crm.score.model"].search([("company_id", "=", env.company.id), ("team_id", "=", False)])
    assert version.state == "published" and 0.7 < version.auc < 0.85
    assert all(lead.score_explanation["prediction"] for lead in by_status["pending"])
    assert all(sample.mapped("interaction_count"))


def test_loading_them_again_changes_nothing(env, sample, capsys):
    leads.load(env)
    assert "loaded already" in capsys.readouterr().out
    assert env["crm.lead"].with_context(active_test=False).search_count([SOURCES]) == leads.LEADS
