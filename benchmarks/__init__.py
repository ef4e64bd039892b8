"""Timed comparisons, run by ``./dev bench NAME``; never part of the test run."""
