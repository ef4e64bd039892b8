"""What segments and tiers did in 19.0.1.0.0, and rules do after the upgrade: run in Odoo's shell before the scheduled
actions of the upgraded database, and after them."""

# What is done after the upgrade, once each: for the two who enter at the last moment, the one who leaves, and the one
# who is about to lose a tier. `year.py` makes them.
WANTED = {"Ambassador entered": 2, "Ambassador left": 1, "Thank the ambassador": 2, "Ambassadors": 2, "Platinum": 1}
RULES = {
    ("Ambassadors: server actions on leaving", "leave"), ("Ambassadors: activities on entering", "enter"),
    ("Ambassadors: server actions on entering", "enter"), ("Platinum is about to be lost", "grace"),
}  # fmt: skip


def counted(env) -> dict[str, dict]:
    """How often each of it has been done."""
    found = {}
    for text in WANTED:
        if text.startswith("Ambassador "):
            count = env["res.partner.category"].search_count([("name", "=", text)])
        else:
            asked = env["mail.activity"].with_context(active_test=False)
            count = asked.search_count([("summary", "=like", f"{text}%")])
        found[text] = {"count": count}
    return found


def check(env, before: dict[str, dict]) -> None:
    """Rules do it, and have done what was waiting, and nothing for anybody else."""
    rules = env["crm.followup.rule"].search([])
    found = {(rule.name, rule.trigger) for rule in rules}
    assert found == RULES, found
    assert set(rules.mapped("state")) == {"active"}, rules.mapped("state")
    done = {text: now["count"] - before[text]["count"] for text, now in counted(env).items()}
    assert done == WANTED, done
    env.cr.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'crm_former%'")
    assert env.cr.fetchone() == (0,), "what was kept is still there"
