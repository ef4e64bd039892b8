"""Score rules of leads, as pure computation: points, grades and the threshold that people can keep up with.

All modules are light (standard library only, safe to import anywhere): `rules`, `capacity`.
"""
