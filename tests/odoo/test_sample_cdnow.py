"""The CDNOW sample: real purchases as orders like any other, and in the timeline."""

from datetime import date

import pytest

from devtools.samples import cdnow


@pytest.fixture
def customer(env):
    """The sample's 21st customer, who bought three times."""
    cdnow.load(env)
    return env["res.partner"].search([("ref", "=", "CDNOW 0021")])


def test_the_file_has_the_published_size():
    data = cdnow.purchases()
    assert (len({purchase.customer for purchase in data}), len(data)) == (2357, 6919)


def test_the_last_purchase_is_on_the_day_that_is_asked_for():
    data = cdnow.purchases()
    moved = cdnow.ending_on(data, date(2026, 5, 12))
    assert moved[-1].date.date() == date(2026, 5, 12)
    assert {new.date - old.date for new, old in zip(moved, data, strict=True)} == {moved[0].date - data[0].date}


def test_orders_have_their_true_amounts_and_end_today(env, customer):
    orders = env["sale.order"].search([("partner_id", "=", customer.id)], order="date_order")
    first = orders[0].date_order.date()
    assert [((order.date_order.date() - first).days, order.amount_total) for order in orders] == [
        (0, 14.99),
        (59, 34.6),
        (102, 29.99),
    ]
    assert set(orders.mapped("state")) == {"sale"}
    bought = env["sale.order"].search([("partner_id.ref", "=like", "CDNOW %")])
    assert max(bought.mapped("date_order")).date() == env.company._crm_plus_today()


def test_amounts_are_what_the_host_would_compute(env, customer):
    orders = env["sale.order"].search([("partner_id.ref", "=like", "CDNOW 00%")])
    stored = {order: order.amount_total for order in orders}
    env.add_to_compute(orders.order_line._fields["price_subtotal"], orders.order_line)
    env.add_to_compute(orders._fields["amount_total"], orders)
    assert {order: order.amount_total for order in orders} == stored


def test_every_order_has_a_name_of_its_own(env, customer):
    orders = env["sale.order"].search([("partner_id.ref", "=like", "CDNOW %")])
    assert len(set(orders.mapped("name"))) == len(orders) == 6919


def test_the_timeline_shows_them(env, customer):
    assert customer.interaction_count == 3
    orders = env["sale.order"].search([("partner_id", "=", customer.id)])
    assert customer.last_interaction_date == max(orders.mapped("date_order"))


def test_loading_it_again_changes_nothing(env, customer, capsys):
    cdnow.load(env)
    assert "loaded already" in capsys.readouterr().out
    assert env["res.partner"].search_count([("ref", "=like", "CDNOW %")]) == 2357
