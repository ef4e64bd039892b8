"""Which tables a decision about many customers reads and writes."""

from dataclasses import dataclass

from odoo.tools import SQL

from ..sql import first_rows


@dataclass(frozen=True, slots=True)
class Stage:
    """``profiles``: the table of the profiles ``p`` that are placed, in tiers or segments; ``moves``: the temporary
    table that notes who goes where.

    >>> Stage().profiles.code
    '"crm_customer_profile"'
    """

    profiles_name: str = "crm_customer_profile"
    moves_name: str = "crm_plus_moves"

    @property
    def profiles(self):
        return SQL.identifier(self.profiles_name)

    @property
    def moves(self):
        return SQL.identifier(self.moves_name)

    def note(self, cr, query, most=None):
        """Make the table of moves of a SELECT, at most so many of its rows; how many there are."""
        cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", self.moves, first_rows(query, most)))
        return cr.rowcount


STORED = Stage()
# Profiles that are about to be inserted.
NEW_TIERS = Stage("crm_plus_newcomers", "crm_plus_tier_moves")
NEW_SEGMENTS = Stage("crm_plus_newcomers", "crm_plus_segment_moves")
NEWCOMERS = NEW_TIERS.profiles
