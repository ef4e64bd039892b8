import argparse

import numpy as np

from benchmarks import clv
from benchmarks.purchase_logs import csv_log

HEADER = "who,when,paid,note\n"


def test_a_transaction_log_is_read_from_any_columns(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "a,2026-01-02 08:30,5.5,x\n,2026-01-03,1,no customer\na,2026-01-04,-5.5,refund\n")
    log = csv_log(str(path), "who", "when", "paid", None)
    assert (log.customers.tolist(), log.amounts.tolist(), log.skipped) == (["a"], [5.5], 2)
    assert log.days.tolist() == [np.datetime64("2026-01-02").item()]


def test_dates_may_have_a_format_of_their_own(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "a,31/12/2025 08:26,5,\nb,01/01/2026 08:26,5,\n")
    log = csv_log(str(path), "who", "when", "paid", "%d/%m/%Y %H:%M")
    assert [str(day) for day in log.days] == ["2025-12-31", "2026-01-01"]


def test_the_benchmark_forecasts_what_came_after_a_date_in_anyones_log(tmp_path, cdnow_log):
    path = tmp_path / "log.csv"
    rows = (f"{who},{day},{amount}" for who, day, amount in zip(*(column[:9000] for column in cdnow_log), strict=True))
    path.write_text("customer,date,amount\n" + "\n".join(rows))
    parser = argparse.ArgumentParser()
    clv.add_arguments(parser)
    figures = list(clv.run(parser.parse_args(["--csv", str(path), "--train-until", "1997-09-30"])))
    by_name = {figure.name: figure for figure in figures}
    assert by_name["log: BG/NBD MAE"].reference_name == "lifetimes"
    assert by_name["log: MBG/NBD RMSE"].passed
    assert {"log: repeat of the past MAE", "log: Gamma-Gamma p", "log: revenue forecast"} <= set(by_name)
