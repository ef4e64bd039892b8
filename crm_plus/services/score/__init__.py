"""Score rules as SQL: the set-based twin of ``engine.score.rules``.

* `specs`: rules and settings of one company as immutable values,
* `conditions`: the domains of fit rules as SQL,
* `points`: what rules give each lead, as queries,
* `totals`: adding up with caps and clip, and storing what differs,
* `few`: the same for a few leads at once, added up by the engine.

The queries read relations named ``crm_plus_scope``, ``crm_plus_event``, ``crm_plus_met`` and ``crm_plus_point``:
temporary tables when many leads are scored; for a few the scope is a list of values.
"""
