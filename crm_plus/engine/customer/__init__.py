"""Figures and predictions of customers, as pure computation: scores, rhythm, purchase models, clusters, cohorts.

``pareto`` and ``cohorts`` run in tests only: they are the specification that the SQL of the same figures is compared
with. So are parts of ``rfm`` and ``rhythm``.
"""
