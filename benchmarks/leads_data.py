"""Leads to measure on: columns and outcomes; generated ones of any number."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "x_education_leads.csv.gz"
# Filled in after the outcome, and identifiers.
SHARED_DROP = (
    "Prospect ID",
    "Lead Number",
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Asymmetrique Activity Index",
    "Asymmetrique Profile Index",
    "Asymmetrique Activity Score",
    "Asymmetrique Profile Score",
    "Last Activity",
    "Last Notable Activity",
)


@dataclass(frozen=True, slots=True)
class Leads:
    """Closed leads: columns, outcomes (0/1) and which rows are held out to judge on (True)."""

    origin: str
    columns: dict[str, list]
    won: np.ndarray
    hold: np.ndarray

    def part(self, rows: np.ndarray) -> dict[str, list]:
        """The columns of some rows (positions or a mask)."""
        places = np.flatnonzero(rows) if rows.dtype == bool else rows
        return {name: [values[place] for place in places] for name, values in self.columns.items()}


def generate(leads: int, seed: int = 0) -> Leads:
    """Leads with correlated, useless, missing and many-valued fields, one curved effect and one combination."""
    rng = np.random.default_rng(seed)
    size, visits = rng.normal(size=leads), rng.poisson(3, leads)
    income = 0.8 * size + 0.6 * rng.normal(size=leads)
    minutes = rng.exponential(10, leads)
    source = np.minimum(rng.geometric(0.3, leads), 12)
    city = np.minimum(rng.geometric(0.03, leads), 150)
    job = rng.integers(0, 6, leads)
    effect_source, effect_city = rng.normal(0, 0.7, 13), rng.normal(0, 0.5, 151)
    logit = -1.5 + 0.6 * size + 0.9 * np.log1p(minutes) - 0.04 * (visits - 4) ** 2
    logit += effect_source[source] + effect_city[city] + 0.9 * ((job == 2) & (source == 1))
    columns = {
        "size": _with_gaps(size.round(3), 0.1, rng),
        "income": _with_gaps(income.round(3), 0.2, rng),
        "visits": visits.tolist(),
        "minutes": minutes.round(1).tolist(),
        "source": [f"source {number}" for number in source],
        "city": [f"city {number}" for number in city],
        "job": _with_gaps(np.array([f"job {number}" for number in job]), 0.3, rng),
        "opted in": (rng.random(leads) < 0.5).tolist(),
    }
    for number in range(12):
        columns[f"noise {number}"] = rng.normal(size=leads).round(2).tolist()
    won = (rng.random(leads) < 1 / (1 + np.exp(-logit))).astype(int)
    return Leads(f"{leads} generated leads", columns, won, np.arange(leads) >= 0.7 * leads)


def _with_gaps(values: np.ndarray, share: float, rng: np.random.Generator) -> list:
    gaps = rng.random(len(values)) < share
    return [None if gap else value for gap, value in zip(gaps, values.tolist(), strict=True)]


def tiled(leads: Leads, rows: int) -> tuple[dict[str, list], np.ndarray]:
    """So many rows by repeating the given leads, for measuring time: columns and outcomes."""
    places = np.arange(rows) % len(leads.won)
    return leads.part(places), leads.won[places]
