"""A change that is tried, to see what would follow from it, and taken back."""

from contextlib import contextmanager


@contextmanager
def trial(env):
    """Whatever is done inside is done as by a real save, in a savepoint that is rolled back at the end.

    >>> with trial(env):  # doctest: +SKIP
    ...     record.write(vals)
    ...     found = record.member_count
    """
    env.flush_all()
    savepoint = env.cr.savepoint(flush=False)
    try:
        yield
    finally:
        savepoint.close(rollback=True)
        env.clear()  # also what is still to be written: the end of the request would miss its values
