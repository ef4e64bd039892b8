"""The interaction history on 100,000 customers and 5 million interactions: reading, capture, backfill, reconciliation.

Every reference is measured in the same run: a bare index scan, the bare INSERT ... SELECT, one pass over both sides,
and requests to a second server on the same database whose capture is switched off.
"""

from benchmarks import interactions_capture, interactions_data, interactions_reading, interactions_upkeep

NEEDS = "odoo"
SECTIONS = {
    "reading": interactions_reading.run,
    "upkeep": interactions_upkeep.run,
    "orm": interactions_capture.run_orm,
    "http": interactions_capture.run_http,
}


def add_arguments(parser):
    """Arguments of this benchmark."""
    parser.add_argument("--only", choices=SECTIONS, action="append", help="only this part; may be repeated")
    parser.add_argument("--requests", type=int, default=200, help="pairs of HTTP requests of each kind")


def run(options):
    """The figures of all parts."""
    with options.env_factory() as env:
        known = interactions_data.ensure(env, options.scale)
    for name in options.only or SECTIONS:
        yield from SECTIONS[name](options, known)
