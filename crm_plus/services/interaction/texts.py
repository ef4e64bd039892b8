"""What was said: the text and the attachments of interactions, read at this moment from their documents.

Nothing of it is kept. The paths of a source that lead to it are followed to the last record, which is then read with
the rights of the reader, as are the attachments: who may see that there was a mail need not be allowed to read it.
"""

from odoo.exceptions import AccessError
from odoo.tools import html_sanitize
from odoo.tools.mail import is_html_empty

from ...engine.interaction.first_line import first_line, plain_text
from .capture.paths import PathError

# The longest text that is sent to a client at once.
LONGEST = 200_000
MEANT = {
    "text_path": lambda field: field.type in ("char", "text", "html"),
    "attachments_path": lambda field: field.comodel_name == "ir.attachment",
    "detail_path": lambda field: field.type in ("char", "many2one"),
}


class Texts:
    """Texts of the rows that the reader ``interactions.env`` may see."""

    def __init__(self, interactions):
        self.interactions, self.env = interactions, interactions.env
        self.kinds = self.env["crm.interaction.source"]._kinds()

    def previews(self, ids):
        """``[{"id", "preview", "more", "attachments"}]`` of those rows that have something to unfold: the first line,
        whether there is more, and how many files."""
        rows = self.interactions.search([("id", "in", ids)])
        texts, attachments = self._texts(rows), self._attachments(rows)
        found = (_preview(row, *texts.get(row.id, ("", False)), len(attachments.get(row.id, ()))) for row in rows)
        return [preview for preview in found if preview]

    def whole(self, row_id):
        """``{"text" or "html", "attachments"}`` of one row; empty for what the reader may not see."""
        row = self.interactions.search([("id", "=", row_id)])
        value, is_html = self._texts(row).get(row.id, ("", False))
        return {
            "text": not is_html and value[:LONGEST],
            "html": is_html and html_sanitize(value[:LONGEST], sanitize_style=True, strip_classes=True),
            "attachments": [
                {"id": attachment.id, "name": attachment.name, "mimetype": attachment.mimetype}
                for attachment in self._attachments(row).get(row.id, ())
            ],
        }

    def details(self, rows):
        """``{row id: value}`` of the detail that is added to what happened."""
        found = {}
        for row, record, field in self._ends(rows, "detail_path"):
            value = record[field.name]
            found[row.id] = value.display_name if field.type == "many2one" else value
        return {row_id: value for row_id, value in found.items() if value}

    def _texts(self, rows):
        """``{row id: (text, whether it is HTML)}``: of several paths the first that leads to a text."""
        found = {}
        for row, record, field in self._ends(rows, "text_path"):
            value, is_html = record[field.name] or "", field.type == "html"
            if row.id not in found and value.strip() and not (is_html and is_html_empty(value)):
                found[row.id] = value, is_html
        return found

    def _attachments(self, rows):
        """``{row id: attachments the reader may read}``."""
        found = {}
        for row, record, field in self._ends(rows, "attachments_path"):
            found[row.id] = found.get(row.id, self.env["ir.attachment"]) | record[field.name]
        every = self.env["ir.attachment"].union(*found.values())._filtered_access("read")
        return {row_id: attachments & every for row_id, attachments in found.items() if attachments & every}

    # ------------------------------------------------------------------ along the paths of a source

    def _ends(self, rows, setting):
        """(row, record its reader may read, field) for each path of a setting, path by path."""
        for source_id, of_source in rows.filtered("res_id").grouped("source_id").items():
            kind = self.kinds[source_id.id]
            for path in paths_of(getattr(kind, setting)) if kind.model_name in self.env else ():
                yield from self._ends_of(of_source, self.env[kind.model_name], path.rstrip("?"))

    def _ends_of(self, rows, model, path):
        *hops, last = path.split(".")
        # sudo: which records they lead to; what is in the last ones is read as the user
        records = model.sudo().with_context(active_test=False).browse(rows.mapped("res_id")).exists()
        ends = {record.id: record for record in records}
        for hop in hops:
            if hop not in model._fields:
                return  # an app that is gone
            model = self.env[model._fields[hop].comodel_name]
            ends = {record_id: record[hop] for record_id, record in ends.items()}
        field = model._fields.get(last)
        readable = model.browse({id_ for record in ends.values() for id_ in record._ids}).exists()
        readable = self._readable(readable)
        if field is None or not model._has_field_access(field, "read"):
            return
        for row in rows:
            end = ends.get(row.res_id)
            # what a source masks stays masked, unless the host itself says who may see it
            if end and end.id in readable._ids and (not row.is_private or end._name == "calendar.event"):
                yield row, readable.browse(end.id).with_prefetch(readable._prefetch_ids), field

    def _readable(self, records):
        try:
            records = records._filtered_access("read")
        except AccessError:
            return records.browse()
        return open_meetings(records) if records._name == "calendar.event" else records


def open_meetings(events):
    """Those of ``events`` that their reader sees: private ones are for who is in them."""
    return events.filtered(lambda event: not event._check_private_event_conditions())


def paths_of(text):
    """The comma separated paths of a setting."""
    return [path.strip() for path in (text or "").split(",") if path.strip()]


def check_paths(model, setting, text):
    """Raise `PathError` unless each path of a setting leads to what it is for."""
    for path in paths_of(text):
        field, end = None, model
        for name in path.rstrip("?").split("."):
            field = end._fields.get(name) if end is not None and (field is None or field.type == "many2one") else None
            if field is None:
                break
            end = model.env[field.comodel_name] if field.comodel_name else None
        if field is None and path.endswith("?"):
            continue
        if field is None or not MEANT[setting](field):
            raise PathError(
                setting,
                model.env._("“%(path)s” does not lead to attachments.", path=path)
                if setting == "attachments_path"
                else model.env._("“%(path)s” does not lead to a text. Choose a field of text.", path=path),
            )


def _preview(row, value, is_html, attachments):
    text = plain_text(value) if is_html else value
    line = first_line(text)
    if not line and not attachments:
        return None
    more = bool(attachments) or line != " ".join(text.split())
    # a summary that is the first line says it already
    is_said = line.rstrip("…") in (row.name or "")
    if is_said and not more:
        return None
    return {"id": row.id, "preview": False if is_said else line, "more": more, "attachments": attachments}
