"""What a source would capture, as whoever defines it sees the records: the newest ones, by the paths as they are."""

import psycopg2
from markupsafe import Markup
from odoo import fields
from odoo.exceptions import AccessError, UserError

from .capture.paths import PathError
from .capture.spec import parse_domain
from .texts import paths_of

SHOWN = 5


def of(source):
    """A table in HTML of the newest records, or why there is none; read with the rights of the user."""
    env = source.env
    try:
        model = env[source.model_name].with_context(active_test=False)
        with env.cr.savepoint(flush=False):
            records = model.search(parse_domain(env, "domain", source.domain), order="id desc", limit=SHOWN)
            rows = [[_shown(source, record, name) for name in _columns(source)] for record in records]
    except (AccessError, UserError):
        return Markup("<p>%s</p>") % env._("You do not have access to these records.")
    except (PathError, ValueError, TypeError, KeyError, psycopg2.Error):
        return False  # the problem is shown at the top
    if not rows:
        return Markup("<p>%s</p>") % env._("No records match yet.")
    head = Markup().join(Markup("<th>%s</th>") % source._label(name) for name in _columns(source))
    body = Markup().join(
        Markup("<tr>%s</tr>") % Markup().join(Markup("<td>%s</td>") % cell for cell in row) for row in rows
    )
    table = Markup('<table class="table table-sm"><thead><tr>%s</tr></thead><tbody>%s</tbody></table>') % (head, body)
    return Markup('<div class="table-responsive">%s</div>') % table


def _columns(source):
    always = ("date_path", "partner_path", "summary_path", "user_path")
    return [*always, *(name for name in ("lead_path", "amount_path") if source[name])]


def _shown(source, record, setting):
    """The first of the values to which the paths of a setting lead, as it is written; empty where there is none."""
    for path in paths_of(source[setting]):
        *hops, last = path.rstrip("?").split(".")
        end = record
        for hop in hops:
            end = end[hop]
        if last not in end._fields:
            continue
        if last == "id":
            return end.display_name
        value, field = end[last], end._fields[last]
        if value or field.type in ("integer", "float", "monetary"):
            return _written(source.env, field, value)
    return ""


def _written(env, field, value):
    # The client writes days in the calendar of the user.
    if field.type == "datetime":
        return fields.Datetime.context_timestamp(env["crm.interaction.source"], value).strftime("%Y-%m-%d %H:%M")
    if field.type == "date":
        return fields.Date.to_string(value)
    if field.relational:
        return value[:1].display_name
    return str(value)
