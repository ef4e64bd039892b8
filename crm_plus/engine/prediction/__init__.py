"""Lead scoring, as pure computation: the arithmetic of score rules and an additive, calibrated win predictor.

Light modules (standard library only, safe to import anywhere): `rules`, `capacity`, `features`, `split`, `shortfall`,
`fairness`, `parts`, `words`.
The others import numpy, and `additive` (training only) scipy as well: import them inside the job that needs them.
"""
