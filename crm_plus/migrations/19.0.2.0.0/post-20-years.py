"""Entries and manual tiers of years that nobody means: the host's own lists and charts cannot be grouped by a month
that ends in the year 10000, or begins before the year 1. They stay, dated the first or the last day that is let in."""

FIRST, LAST = "1900-01-01", "2199-12-31"


def migrate(cr, _version):
    # those of documents leave with the check of the history, which is woken
    cr.execute(
        """UPDATE crm_interaction SET date = (CASE WHEN date < %(first)s THEN %(first)s ELSE %(last)s END)::timestamp
            WHERE res_id IS NULL AND (date < %(first)s OR date >= %(last)s::timestamp + interval '1 day')""",
        {"first": f"{FIRST} 00:00:00", "last": f"{LAST} 00:00:00"},
    )
    cr.execute(
        "UPDATE crm_tier_override SET date_to = LEAST(GREATEST(date_to, %s), %s) WHERE date_to NOT BETWEEN %s AND %s",
        [FIRST, LAST, FIRST, LAST],
    )
