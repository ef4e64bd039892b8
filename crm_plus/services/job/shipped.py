"""What ships as data, and is the company's from then on.

A record in a data file with ``noupdate="1"`` and ``forcecreate="0"`` may be changed and deleted: an upgrade of Odoo's
leaves it alone. It would also leave out what is new in a version, and keep what is outdated though nobody has touched
it. Both is done here, from a note of what shipped last time: names of records, and two marks of each of their fields,
of its text in the file and of its value in the database.
"""

import copy
import hashlib
from datetime import datetime

from lxml import etree
from odoo import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tools import file_open
from odoo.tools.convert import nodeattr2bool, xml_import

MARK = 8  # hexadecimal digits: enough to tell a changed value from an unchanged one


def elements(module, paths):
    """``{external id: <record> element}`` of the module's own records in data files that the host does not update."""
    found = {}
    for path in paths:
        if path.endswith(".xml"):
            with file_open(f"{module}/{path}", "rb") as file:
                root = etree.parse(file).getroot()
            if nodeattr2bool(root, "noupdate"):
                found |= {f"{module}.{record.get('id')}": record for record in root.iterchildren("record")}
    return {name: record for name, record in found.items() if name.count(".") == 1}


def marks(record, element):
    """``{field: [mark of its text in the file, mark of its value in the database]}``."""
    return {
        field.get("name"): [text_mark(field), value_mark(record, field.get("name"))]
        for field in element.iterchildren("field")
    }


def text_mark(field):
    """Changes with the text of a ``<field>`` element."""
    return _mark(etree.tostring(field, method="c14n", with_tail=False))


def value_mark(record, name):
    """Changes with the value of a field; the same in every database."""
    return _mark(repr(_value(record, name)).encode())


def _mark(data):
    return hashlib.sha256(data).hexdigest()[:MARK]


def _value(record, name):
    field, value = record._fields[name], record[name]
    if field.type == "one2many":
        kept = [line for line in value._fields.values() if line.column_type and line.store and not line.compute]
        own = [line.name for line in kept if line.name not in (*MAGIC_COLUMNS, field.inverse_name)]
        return [{line: _value(row, line) for line in own if row[line]} for row in value]
    if field.relational:
        return sorted(row.get_external_id()[row.id] or row.id for row in value)
    # The day on which something is due passes, its time of the day stays.
    return value.time() if isinstance(value, datetime) else value


class Shipped:
    """The records that a module ships, beside what it shipped the last time (``before``: ``{external id: marks}``)."""

    def __init__(self, env, module, paths, before):
        self.env = env(context={**env.context, "lang": None, "active_test": False})
        self.before = before
        self.elements = elements(module, paths)
        self.importer = xml_import(self.env, module, {}, "init", noupdate=True)

    def bring(self):
        """Create what is new, follow what nobody has changed; the marks for the next time.

        Where nothing is known of the last time, the module has just been installed: all is as it ships.
        """
        return {name: self._bring(name, element) for name, element in self.elements.items()}

    def _bring(self, name, element):
        record = self.env.ref(name, raise_if_not_found=False)
        if not self.before:
            return marks(record, element) if record else {}
        known = self.before.get(name)
        if known is None:
            if not record:
                self._load(element)
                record = self.env.ref(name, raise_if_not_found=False)
            return marks(record, element) if record else {}
        # What was deleted stays deleted.
        return self._follow(record, element, known) if record else known

    def _follow(self, record, element, known):
        """Write the fields whose text is new, when their value still is what was shipped."""
        now = {}
        for field in element.iterchildren("field"):
            name, text = field.get("name"), text_mark(field)
            before = known.get(name)
            outdated = before is None or before[0] != text
            theirs = before is not None and before[1] != value_mark(record, name)
            if outdated and not theirs:
                self._write(record, element, field)
            now[name] = [text, before[1] if theirs else value_mark(record, name)]
        return now

    def _write(self, record, element, field):
        if record._fields[field.get("name")].type in ("one2many", "many2many"):
            record[field.get("name")] = [Command.clear()]
        only = etree.Element(element.tag, element.attrib)
        only.append(copy.deepcopy(field))
        self._load(only)

    def _load(self, element):
        root = etree.Element("odoo", noupdate="1")
        root.append(copy.deepcopy(element))
        self.importer.parse(root)
