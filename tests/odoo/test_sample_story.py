"""The story: a company in which there is something of everything."""

import pytest
from odoo.addons.crm_plus.demo.story import NAME

from devtools.samples import story


@pytest.fixture
def company(env):
    """The demo company with the story, and what the scheduled actions make of it."""
    story.load(env)
    company = env.company
    env["crm.customer.profile"]._refresh_company(company)
    from odoo.tools import SQL

    env["crm.lead.score"]._refresh_many(company, SQL("TRUE"))
    return company


def customers(env):
    """The profiles of the sample's customers."""
    found = env["res.partner"].search([("email", "=like", "orders%.example.com")])
    return env["crm.customer.profile"].search([("partner_id", "in", found.ids)])


def test_there_is_something_of_everything(env, company):
    profiles = customers(env)
    assert len(profiles) == 300
    segments = env["crm.segment"].search([("family_id", "=", env.ref("crm_plus.crm_segment_family_rfm").id)])
    assert set(profiles.segment_id) == set(segments), (segments - profiles.segment_id).mapped("name")
    assert set(profiles.tier_id) >= set(env["crm.tier"]._tiers_of(company))
    assert False in {bool(profile.tier_id) for profile in profiles}
    channels = env["crm.interaction"].search([("external_ref", "=like", "story-%")]).channel_id
    assert channels == env["crm.interaction.channel"].search([("id", "in", channels.ids)])
    assert len(channels) == env["crm.interaction.channel"].search_count([])
    grades = set(env["crm.lead"].search([("name", "=like", "Prospect %")]).mapped("lead_grade"))
    assert {grade[0] for grade in grades} == set("ABCD"), grades
    assert {grade[1] for grade in grades} == set("1234"), grades


def test_its_last_order_was_this_week_and_its_first_two_years_ago(env, company):
    profiles = customers(env)
    today = company._crm_plus_today()
    assert (today - max(profiles.mapped("last_order_date")).date()).days <= 7
    assert 720 <= (today - min(profiles.mapped("first_order_date")).date()).days <= 731


def test_aurora_was_a_champion_and_fell_silent(env, company):
    partner = env["res.partner"].search([("name", "=", NAME)])
    profile = partner.crm_profile_id
    assert (profile.monetary_score, profile.frequency_score) == (5, 5)
    assert profile.recency_score <= 3
    lead = env["crm.lead"].search([("name", "=", "Two new houses")])
    assert (lead.partner_id, lead.lead_grade[0]) == (partner, "A")
    page = env["crm.interaction"].timeline_page({"partner_id": partner.id}, {"search": "called back"})
    assert [row["name"] for row in page["rows"]] == ["Nobody called back"]


def test_loading_it_again_changes_nothing(env, company, capsys):
    story.load(env)
    assert "loaded already" in capsys.readouterr().out
