"""Headline figures: what each is, how its days add up, and how it compares."""
