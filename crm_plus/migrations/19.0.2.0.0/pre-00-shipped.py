import json
from pathlib import Path

from psycopg2.extras import execute_values

# What 19.0.1.0.0 shipped, as `crm_shipped_record` notes it from now on: made by services/job/shipped.py from that
# version's own files and a database of its own.
SHIPPED = Path(__file__).with_name("shipped.json")


def migrate(cr, version):
    """Note what came with the version that is replaced: what of it is missing was deleted, what differs was changed."""
    if version != "19.0.1.0.0":
        return
    cr.execute("CREATE TABLE crm_shipped_record (id serial PRIMARY KEY, name varchar NOT NULL, marks jsonb)")
    rows = [(name, json.dumps(marks)) for name, marks in json.loads(SHIPPED.read_text()).items()]
    execute_values(cr._obj, "INSERT INTO crm_shipped_record (name, marks) VALUES %s", rows)
