"""Segments and tiers, as pure computation: who belongs where, and what holds a move back."""
