"""Pure computation: no Odoo, no database, no clock. Values and arrays in, values and arrays out.

Two kinds of module live here, by subject.

Light modules use the standard library alone and may be imported anywhere, also while the registry loads: ``checks``,
all of ``interaction``, ``loyalty`` and ``score``; ``abstention``, ``cluster_ranges``, ``rfm`` and ``rhythm`` of
``customer``; those that ``prediction`` names.

Heavy modules import numpy, scipy or scikit-learn (about 110 MB together) when they are imported: the others. Import
them inside the job that needs them, never at the top of a model's file.

Where all customers are worked on at once, SQL does it, and the engine says what it has to do: ``loyalty.hysteresis``,
``loyalty.tiers``, ``customer.pareto`` and ``customer.cohorts`` run in tests only, which compare both on random data.
"""
