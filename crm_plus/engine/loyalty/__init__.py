"""Segments and tiers, as pure computation: who belongs where, and what holds a change back.

``hysteresis`` (but for its constants) and ``tiers`` run in tests only: they are the specification that the SQL which
moves all customers at once is compared with.
"""
