"""Leads that are seen several times: they count once, and nothing learned from one of its rows judges another."""

import numpy as np
from lead_samples import FEATURES, sample_leads

from crm_plus.engine.prediction.features import Feature
from crm_plus.engine.prediction.sightings import Sightings
from crm_plus.engine.prediction.train import Options, _parts, train


def test_a_lead_that_is_seen_twice_alike_is_worth_what_it_is_worth_seen_once():
    columns, won = sample_leads(800)
    twice = {name: [*values, *values] for name, values in columns.items()}
    once = train(columns, won, FEATURES)
    again = train(twice, [*won, *won], FEATURES, leads=[*range(800), *range(800)])
    assert (again.training.won, again.training.lost) == (once.training.won, once.training.lost)
    assert [sum(term.counts) for term in again.terms] == [sum(term.counts) for term in once.terms]
    first, second = (model.score(columns).probability for model in (once, again))
    assert np.abs(first - second).mean() < 0.02


def test_no_lead_is_in_two_parts():
    rng = np.random.default_rng(1)
    leads = rng.integers(0, 60, 300)
    parts = _parts(Sightings.of(rng.integers(0, 2, 300), None, leads), Options())
    assert all(len(set(parts[leads == lead])) == 1 for lead in set(leads.tolist()))


def test_useless_fields_of_leads_seen_often_tell_nothing():
    """Ten sightings of a lead say the same ten times: taken for ten leads, chances on noise spread by 15 points."""
    rng = np.random.default_rng(2)
    features = [Feature(f"field{number}", "category") for number in range(5)]
    fields = {feature.name: rng.integers(0, 5, 300) for feature in features}
    rows, won = np.repeat(np.arange(300), 10), rng.integers(0, 2, 300)
    columns = {name: values[rows].tolist() for name, values in fields.items()}
    chance = train(columns, won[rows], features, leads=rows).score(columns).probability
    assert chance.std() < 0.05
