"""Many records by one statement: copies of one that the ORM made, with some columns of their own."""

from odoo.tools import SQL


def reserve_ids(model, count):
    """``count`` ids for new records."""
    sequence = f"{model._table}_id_seq"
    return [
        row[0]
        for row in model.env.execute_query(SQL("SELECT nextval(%s) FROM generate_series(1, %s)", sequence, count))
    ]


def insert_copies(template, rows, **columns):
    """Insert a copy of the record ``template`` for each of ``rows``; how many there were.

    ``rows`` is the SQL of a FROM item, such as ``generate_series(1, 1000) AS n``; ``columns`` are the SQL values that
    differ, over the rows and the template's own row ``t``. All other columns are as in the template: the copies are as
    valid as a record the ORM made, as long as what is computed from the given columns is given too.
    """
    table = SQL.identifier(template._table)
    stored = [name for name, field in template._fields.items() if field.store and field.column_type and name != "id"]
    values = {name: SQL.identifier("t", name) for name in stored} | columns
    template.flush_recordset()
    template.env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s, %s t WHERE t.id = %s",
            table,
            SQL(", ").join(map(SQL.identifier, values)),
            SQL(", ").join(values.values()),
            rows,
            table,
            template.id,
        )
    )
    template.invalidate_model(flush=False)
    return template.env.cr.rowcount
