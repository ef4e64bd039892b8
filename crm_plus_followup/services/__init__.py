"""Set-based work in SQL: plain classes and functions."""
