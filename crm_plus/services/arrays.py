"""Many rows out of the database and into it, as numpy arrays by name."""

from io import BytesIO

from odoo.tools import SQL


def copy_out(env, query, columns):
    """A query without NULLs as arrays by name; ``columns`` as ``engine.customer.binary_copy`` has them."""
    from ..engine.customer.binary_copy import decode

    target = BytesIO()
    text = env.cr.mogrify(query.code, query.params).decode()
    env.cr.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT binary)", target)
    return decode(columns, target.getvalue())


def copy_in(env, table, columns, values):
    """Make the temporary table ``table`` of arrays by name."""
    from ..engine.customer.binary_copy import encode

    names = SQL(", ").join(SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in columns)
    env.cr.execute(SQL("CREATE TEMPORARY TABLE %s (%s) ON COMMIT DROP", SQL.identifier(table), names))
    env.cr.copy_expert(f'COPY "{table}" FROM STDIN (FORMAT binary)', BytesIO(encode(columns, values)))
