"""The sample company: made by code, so that its two years end today."""
