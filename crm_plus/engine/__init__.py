"""Pure computation: no Odoo, no database, no clock. Values and arrays in, values and arrays out.

Two kinds of module live here.

Light modules use the standard library alone and may be imported anywhere, also while the registry loads:
``abstention``, ``rfm``, ``segments``, ``hysteresis``, ``rhythm``, ``checks``, ``ingest_rows``, ``timeline_request``.

Heavy modules import numpy, scipy or scikit-learn (about 110 MB together) when they are imported. Import them inside the
job that needs them, never at the top of a model's file: ``grouping``, ``likelihood``, ``purchase``,
``beta_quadrature``, ``bgnbd``, ``bgnbd_fit``, ``gamma_gamma``, ``clv``, ``pareto``, ``cohorts``, ``clusters``,
``cluster_rules``, ``affinity``.
"""
