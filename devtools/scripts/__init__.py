"""Scripts that run inside Odoo; the rest of the tool never imports them."""
