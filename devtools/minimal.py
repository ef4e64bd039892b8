"""The add-on on a host with nothing but its dependencies: it comes quietly, and leaves the host as it was."""

from devtools import addons, databases, logscan
from devtools.common import home
from devtools.host import Host

# name of a list -> the statement that gives it
CATALOG = {
    "table": "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'S')"
    " AND relnamespace = 'public'::regnamespace",
    "column": "SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns"
    " WHERE table_schema = 'public'",
    "index": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "function": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "trigger": "SELECT tgrelid::regclass || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal",
    "extension": "SELECT extname FROM pg_extension",
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model || '.' || name FROM ir_model_fields",
    "selection": "SELECT f.model || '.' || f.name || '=' || s.value FROM ir_model_fields_selection s"
    " JOIN ir_model_fields f ON f.id = s.field_id",
    # without the list of add-ons on the disk, which the host brings up to date at times
    "external id": "SELECT module || '.' || name FROM ir_model_data WHERE model <> 'ir.module.module'",
    "view": "SELECT name || ' ' || COALESCE(model, '') || ' ' || COALESCE(key, '') FROM ir_ui_view",
    "menu": "SELECT id || ' ' || (name->>'en_US') FROM ir_ui_menu",
    "action": "SELECT type || ' ' || (name->>'en_US') FROM ir_actions",
    "scheduled action": "SELECT cron_name FROM ir_cron",
    "group": "SELECT name->>'en_US' FROM res_groups",
    "group member": "SELECT gid || ' ' || uid FROM res_groups_users_rel",
    "implied group": "SELECT (a.name->>'en_US') || ' > ' || (b.name->>'en_US') FROM res_groups_implied_rel"
    " JOIN res_groups a ON a.id = gid JOIN res_groups b ON b.id = hid",
    "access right": "SELECT name FROM ir_model_access",
    "record rule": "SELECT name FROM ir_rule",
    "parameter": "SELECT key FROM ir_config_parameter",
    "attachment field": "SELECT DISTINCT res_model || '.' || res_field FROM ir_attachment WHERE res_field IS NOT NULL",
    "activity type": "SELECT name->>'en_US' FROM mail_activity_type",
    "mail template": "SELECT name->>'en_US' FROM mail_template",
    "message subtype": "SELECT name->>'en_US' FROM mail_message_subtype",
    "sequence": "SELECT name FROM ir_sequence",
    "digest": "SELECT name->>'en_US' FROM digest_digest",
}


def snapshot(host: Host, name: str) -> dict[str, list[str]]:
    """Everything that an add-on may leave behind in a database."""
    parts = " UNION ALL ".join(f"SELECT '{kind}', x.* FROM ({sql}) AS x(name)" for kind, sql in CATALOG.items())
    found: dict[str, list[str]] = {kind: [] for kind in CATALOG}
    for kind, value in host.query(parts, db=name):
        found[kind].append(value)
    return found


def compare(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """What was left behind and what was taken away.

    >>> compare({"table": ["a", "b"]}, {"table": ["b", "c"]})
    ['uninstalling leaves the table c', 'uninstalling takes the table a']
    """
    problems = []
    for kind in before:
        old, new = set(before[kind]), set(after[kind])
        problems += [f"uninstalling leaves the {kind} {value}" for value in sorted(new - old)]
        problems += [f"uninstalling takes the {kind} {value}" for value in sorted(old - new)]
    return problems


def differences(host: Host, name: str) -> list[str]:
    """Install and uninstall the add-on in a copy of the minimal host called ``name``: what went wrong."""
    source = databases.template(host, "minimal")
    databases.duplicate(host, source, name)
    before = snapshot(host, name)
    logs = [f"{name}_install", f"{name}_uninstall"]
    databases.install(host, "minimal", name, logs[0])
    conf = host.config(name, db_name=name, with_demo=False)
    failure = "Odoo cannot uninstall the add-on."
    host.run_odoo(logs[1], failure, "module", "uninstall", "-c", conf, "-d", name, addons.MAIN)
    said = [line for log in logs for line in logscan.complaints(home("logs", f"{log}.log"))]
    return said + compare(before, snapshot(host, name))
