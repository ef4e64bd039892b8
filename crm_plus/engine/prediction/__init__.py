"""Predictions of leads, as pure computation: an additive, calibrated win predictor.

Light modules (standard library only, safe to import anywhere): `features`, `split`, `shortfall`, `fairness`, `parts`,
`words`, `advice`, `landmarks`.
The others import numpy, and `additive` (training only) scipy as well: import them inside the job that needs them.
"""
