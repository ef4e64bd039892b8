"""Hold-out, uplift, and the moments at which a customer may be contacted."""
