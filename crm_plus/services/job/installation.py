"""An installation beside people at work.

Odoo installs a module in one transaction: the first `ALTER TABLE` of a table that everybody reads, as that of the
companies is, keeps everybody waiting to the end, and whoever holds a row of a table that the installation needs next
makes a deadlock of it. So the columns on the host's tables are added in transactions of their own before anything else,
and in the end the foreign keys, those to one table after another.
"""

import logging
import time
from collections import defaultdict, deque

import psycopg2
from odoo.tools import SQL, sql

_logger = logging.getLogger(__name__)

# How long everybody may have to wait behind us for somebody's transaction, and how often that is tried.
PATIENCE, ATTEMPTS = "1s", 30
PAUSE = 0.2
BUSY = (psycopg2.errors.LockNotAvailable, psycopg2.errors.DeadlockDetected)


def widen_host_tables(env, module):
    """Add the columns and constraints of ``module`` to the tables of other modules, one committed table after another.

    The installation's own transaction then finds them and has nothing to change.
    """
    # Whatever has been read so far, it must not be in our own way.
    env.cr.commit()  # pylint: disable=invalid-commit  # step by step, so that nobody waits
    for model in env.values():
        if model._auto and not model._abstract and model._original_module != module:
            fields = columns_of(model, module)
            if fields:
                _tried(lambda model=model, fields=fields: _widen(model, module, fields), model._table)


def columns_of(model, module):
    """The fields of a model that ``module`` has added as columns; those that are computed are left to the ORM."""
    added = [field for field in model._fields.values() if field._modules and module in field._modules]
    return [field for field in added if field.store and field.column_type and not field.compute]


def _widen(model, module, fields):
    """As the ORM does it, with what it would put off to the end."""
    cr, registry = model.env.cr, model.pool
    delayed, registry._post_init_queue = registry._post_init_queue, deque()
    try:
        cr.execute(SQL("SET LOCAL lock_timeout = %s", PATIENCE))
        columns = sql.table_columns(cr, model._table)
        for field in fields:
            field.update_db(model, columns)
        for table_object in model._table_objects.values():
            if table_object._module == module:
                table_object.apply_to_database(model)
        while registry._post_init_queue:
            registry._post_init_queue.popleft()()
        cr.commit()  # pylint: disable=invalid-commit  # step by step, so that nobody waits
    except BUSY:
        cr.rollback()
        raise
    finally:
        registry._post_init_queue = delayed


def refer_to_host_tables(env):
    """Make the new foreign keys, those to one table after another, each committed: the host finds them made.

    The last thing of all that models put off to the end of the installation.
    """
    registry = env.registry
    # several models of a module may have put it off: they do not wait for each other
    if any(getattr(call, "func", None) is not refer_to_host_tables for call in registry._post_init_queue):
        registry.post_init(refer_to_host_tables, env)
        return
    env.flush_all()
    env.cr.commit()  # pylint: disable=invalid-commit  # step by step, so that nobody waits
    wanted = registry._foreign_keys
    try:
        for table, keys in _missing(env, wanted).items():
            registry._foreign_keys = keys
            _tried(lambda: _refer(env), table)
    finally:
        registry._foreign_keys = wanted


def _refer(env):
    try:
        env.cr.execute(SQL("SET LOCAL lock_timeout = %s", PATIENCE))
        env.registry.check_foreign_keys(env.cr)
        env.cr.commit()  # pylint: disable=invalid-commit  # step by step, so that nobody waits
    except BUSY:
        env.cr.rollback()
        raise


def _missing(env, wanted):
    """``{table referred to: the foreign keys that are not there yet}``."""
    existing = set(
        env.execute_query(
            SQL(
                """SELECT t.relname, a.attname FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
                     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1] WHERE k.contype = 'f'"""
            )
        )
    )
    missing = defaultdict(dict)
    for key, value in wanted.items():
        if key not in existing:
            missing[value[0]][key] = value
    return missing


def _tried(step, what):
    """Try ``step`` until nobody is in its way; after that it is left to the installation itself, which waits."""
    for _attempt in range(ATTEMPTS):
        try:
            return step()
        except BUSY:
            time.sleep(PAUSE)
    _logger.warning("Installation: %s stays in use, so that it goes on as any other installation does", what)
    return None
