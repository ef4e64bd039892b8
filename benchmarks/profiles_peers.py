"""How others keep the figures of customers: an ORM loop, pandas, and `lifetimes`."""

import io
import sys
import time
import warnings
from collections.abc import Iterator

from benchmarks.harness import Figure

LOOP = 200  # partners of the ORM loop; the figure for all is extrapolated
ORDERS = "SELECT partner_id, date_order, amount_untaxed FROM sale_order WHERE state = 'sale' AND company_id = 1"


def figures(options) -> Iterator[Figure]:
    """All of them; what they write is rolled back."""
    from lifetimes.utils import ConvergenceError

    warnings.simplefilter("ignore")  # lifetimes divides by zero and takes logarithms of it
    with options.env_factory() as env:
        env.cr.execute("SELECT count(DISTINCT partner_id) FROM sale_order WHERE state = 'sale' AND company_id = 1")
        buyers = env.cr.fetchone()[0]
        per_partner = _orm_loop(env) / LOOP
        yield Figure(f"peer: ORM loop, measured on {LOOP} and extrapolated to {buyers:,}", per_partner * buyers)
        yield Figure("peer: ORM loop", 1 / per_partner, "partners/s")
        env.cr.rollback()
        yield Figure("peer: pandas: read, group, qcut, write", _pandas(env))
        env.cr.rollback()
        try:
            yield Figure("peer: lifetimes: summary, fit, prediction, value", _lifetimes(env))
        except ConvergenceError:
            print("lifetimes does not converge on these orders.", file=sys.stderr)
        env.cr.rollback()


def _orm_loop(env) -> float:
    """One search and one write a partner, as add-ons in the store do."""
    env.cr.execute(
        "SELECT DISTINCT partner_id FROM sale_order WHERE state = 'sale' AND company_id = 1 LIMIT %s", [LOOP]
    )
    partners = env["res.partner"].browse([row[0] for row in env.cr.fetchall()])
    start = time.perf_counter()
    for partner in partners:
        orders = env["sale.order"].search([("partner_id", "child_of", partner.id), ("state", "=", "sale")])
        last, total = max(orders.mapped("date_order")), sum(orders.mapped("amount_untaxed"))
        partner.comment = f"{last} {len(orders)} {total}"
        env.flush_all()
    return time.perf_counter() - start


def _read(env):
    import pandas as pd

    text = io.StringIO()
    env.cr.copy_expert(f"COPY ({ORDERS}) TO STDOUT (FORMAT csv)", text)
    text.seek(0)
    return pd.read_csv(text, names=["partner", "date", "amount"], parse_dates=["date"])


def _pandas(env) -> float:
    import pandas as pd

    start = time.perf_counter()
    grouped = (
        _read(env).groupby("partner").agg(last=("date", "max"), orders=("date", "size"), revenue=("amount", "sum"))
    )
    for column in ("last", "orders", "revenue"):
        grouped[f"{column}_score"] = pd.qcut(grouped[column].rank(method="first"), 5, labels=False) + 1
    env.cr.execute(
        """CREATE TEMPORARY TABLE peer (partner int, last timestamp, orders int, revenue numeric, r int, f int, m int)
            ON COMMIT DROP"""
    )
    text = io.StringIO()
    grouped.to_csv(text, header=False)
    text.seek(0)
    env.cr.copy_expert("COPY peer FROM STDIN (FORMAT csv)", text)
    return time.perf_counter() - start


def _lifetimes(env) -> float:
    from lifetimes import GammaGammaFitter, ModifiedBetaGeoFitter
    from lifetimes.utils import summary_data_from_transaction_data

    start = time.perf_counter()
    summary = summary_data_from_transaction_data(_read(env), "partner", "date", monetary_value_col="amount", freq="D")
    history = summary["frequency"], summary["recency"], summary["T"]
    purchases = ModifiedBetaGeoFitter().fit(*history)
    repeaters = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    values = GammaGammaFitter().fit(repeaters["frequency"], repeaters["monetary_value"])
    purchases.conditional_probability_alive(*history)
    values.customer_lifetime_value(purchases, *history, summary["monetary_value"], time=12, freq="D")
    return time.perf_counter() - start
