"""Score rules as SQL: the set-based twin of ``engine.leads.rules``.

* `specs`: rules and settings of one company as immutable values,
* `points`: what each rule gives each lead, a query a rule,
* `totals`: adding up with caps and clip, and storing what differs.

The queries read relations named ``crm_plus_scope``, ``crm_plus_event`` and ``crm_plus_point``: temporary tables when
many leads are scored, common table expressions of one single statement when a user has changed a few.
"""
