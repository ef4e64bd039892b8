"""Set-based work and what models share: plain classes and functions."""
