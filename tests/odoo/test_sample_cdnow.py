"""The CDNOW sample: real purchases as orders like any other, and in the timeline."""

from datetime import datetime

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


def test_orders_have_their_true_dates_and_amounts(env, customer):
    orders = env["sale.order"].search([("partner_id", "=", customer.id)], order="date_order")
    assert [(order.date_order.date().isoformat(), order.amount_total) for order in orders] == [
        ("1997-01-02", 14.99),
        ("1997-03-02", 34.6),
        ("1997-04-14", 29.99),
    ]
    assert set(orders.mapped("state")) == {"sale"}


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
    assert customer.last_interaction_date == datetime(1997, 4, 14, 12)


def test_loading_it_again_changes_nothing(env, customer, capsys):
    cdnow.load(env)
    assert "loaded already" in capsys.readouterr().out
    assert env["res.partner"].search_count([("ref", "=like", "CDNOW %")]) == 2357
