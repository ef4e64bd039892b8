"""What `./dev` is made of. Python's standard library only, except where a module says that it runs inside Odoo."""
