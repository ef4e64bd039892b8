"""Figures and predictions of customers, as pure computation: scores, rhythm, purchase models, clusters, cohorts."""
