"""Generated leads for the tests of the predictor."""

import numpy as np

from crm_plus.engine.prediction.features import Feature

FEATURES = (
    Feature("visits", "numeric"),
    Feature("source", "category"),
    Feature("mail", "boolean"),
    Feature("note", "presence"),
    Feature("tags", "tags"),
)


def sample_leads(leads: int, seed: int = 0) -> tuple[dict, np.ndarray]:
    """Columns of `FEATURES` and outcomes that depend on them; one visit count in ten is missing."""
    rng = np.random.default_rng(seed)
    visits = rng.poisson(4, leads)
    source = rng.choice(["Web", "Fair", "Call", "Referral"], leads, p=[0.5, 0.3, 0.15, 0.05])
    mail = rng.random(leads) < 0.4
    note = np.where(rng.random(leads) < 0.3, "please call", "")
    vip = rng.random(leads) < 0.2
    logit = -2.0 + 0.25 * visits + 1.2 * (source == "Referral") - 0.6 * (source == "Call") + 0.8 * mail + 1.0 * vip
    won = (rng.random(leads) < 1 / (1 + np.exp(-logit))).astype(int)
    columns = {
        "visits": [None if rng.random() < 0.1 else int(number) for number in visits],
        "source": source.tolist(),
        "mail": mail.tolist(),
        "note": note.tolist(),
        "tags": [["VIP", "new"] if special else ["new"] for special in vip],
    }
    return columns, won
