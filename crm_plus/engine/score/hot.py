"""When a lead is hot. Light: standard library only."""

from decimal import Decimal

# The score from which a lead is hot, unless a company chooses another one.
HOT_FROM = 70
# A hot lead stays so until it falls this far below the threshold, so that one on the edge is announced once.
HOT_MARGIN = 5
# The lowest threshold with two places: one at the margin would keep a lead of no points hot.
LEAST_HOT = HOT_MARGIN + Decimal("0.01")
