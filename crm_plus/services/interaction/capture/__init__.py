"""Capture: how records of any model become interactions.

* ``paths``: a dotted field path of a source becomes an SQL expression with its joins.
* ``compiler``: one source becomes its three statements and the list of fields it watches.
* ``notes``: what one transaction touched is noted, and captured once when it commits, by ``upkeep``.
* ``session``: how statements run.
* ``check``: what differs between a source and the timeline.

A source is compiled once per registry. What runs in a user's transaction is one round trip.
"""
