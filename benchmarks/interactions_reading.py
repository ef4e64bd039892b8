"""What users wait for: the first page of a timeline, its summary, the partner list."""

from functools import partial

from odoo.tools import SQL

from benchmarks.harness import Figure, at_most, paired, timed_median

PAGE = 40
USERS = {"all": "all documents", "salesperson0": "own documents", "stranger": "own documents, sees none"}
CUSTOMERS = {
    "giant": "customer with 2 % of all events",
    "usual": "customer",
    "pair": "company with 2 contacts",
    "company": "company with 500 contacts",
}


def run(options, known):
    """The figures of reading."""
    with options.env_factory() as env:
        for login, rights in USERS.items():
            user_env = env(user=env["res.users"].search([("login", "=", login)]).id)
            for customer, title in CUSTOMERS.items():
                yield from _first_page(user_env, {"partner_id": known[customer]}, f"first page, {title}, {rights}")
        yield from _more(env(user=env["res.users"].search([("login", "=", "all")]).id), known)


def _first_page(env, scope, title):
    from odoo.addons.crm_plus.services.interaction.timeline import Timeline

    interactions = env["crm.interaction"]

    def page():
        env.invalidate_all()
        return interactions.timeline_page(scope)

    page()
    queries = _queries(env, page)
    yield at_most(title, 1000 * timed_median(page, 9), 20, "ms")
    yield at_most("  its queries", queries, 8, "")
    timeline = Timeline(interactions, scope)
    ours = timeline.statement(None, PAGE + 1)
    times = paired(_statement(env, ours), _statement(env, _bare_scan(timeline.ids)), 50)
    figure = partial(Figure if "none" in title else partial(at_most, limit=2, ratio=True), "  its statement")
    first, second = (1000 * sorted(side)[len(side) // 2] for side in (times.first, times.second))
    yield figure(value=first, unit="ms", reference=second, reference_name="bare index scan")


def _bare_scan(ids):
    """The newest rows by the index alone: no rights, no names; of several contacts each range once."""
    newest = "SELECT * FROM crm_interaction WHERE partner_id = %s ORDER BY date DESC, id DESC LIMIT %s"
    if len(ids) == 1:
        return SQL(newest, ids[0], PAGE + 1)
    return SQL(
        "SELECT newest.* FROM unnest(%s) AS contact(id), LATERAL (%s) newest ORDER BY date DESC, id DESC LIMIT %s",
        ids,
        SQL(newest, SQL("contact.id"), PAGE + 1),
        PAGE + 1,
    )


def _more(env, known):
    interactions, giant = env["crm.interaction"], {"partner_id": known["giant"]}

    def ms(fn, repeat=3):
        return 1000 * timed_median(fn, repeat)

    page = interactions.timeline_page
    yield Figure(
        "peer: the giant's first page by a UNION ALL view over the documents",
        ms(partial(_fetch, env, _union_view(known["giant"]))),
        "ms",
    )
    yield Figure("next page of the giant", ms(lambda: page(giant, before=page(giant)["next"])), "ms")
    yield Figure("search box, giant, found", ms(lambda: page(giant, {"search": "Question 12"})), "ms")
    yield Figure("search box, giant, not found", ms(lambda: page(giant, {"search": "nowhere"})), "ms")
    channel = env.ref("crm_plus.channel_order").id
    yield Figure("filter by channel, giant", ms(lambda: page(giant, {"channel_ids": [channel]})), "ms")
    yield at_most("summary of the giant", ms(lambda: interactions.timeline_summary(giant)), 150, "ms")
    company = {"partner_id": known["company"]}
    yield Figure("summary of the company with 500 contacts", ms(lambda: interactions.timeline_summary(company)), "ms")
    yield from _partner_list(env, known, ms)


def _partner_list(env, known, ms):
    partners = env["res.partner"]
    page = partners.browse(range(known["usual"], known["usual"] + 80))

    def smart_buttons():
        page.invalidate_recordset(["interaction_count", "last_interaction_date"])
        page.mapped("interaction_count")

    def search(*domain, order=None):
        return lambda: partners.search(list(domain), order=order, limit=80)

    yield Figure("smart button of 80 partners", ms(smart_buttons), "ms")
    yield Figure("smart button of the giant", ms(_count(partners.browse(known["giant"]))), "ms")
    yield Figure("partner list, last contact first", ms(search(order="last_interaction_date desc")), "ms")
    yield Figure("partner list, no contact for 90 days", ms(search(("silence_days", ">=", 90))), "ms")
    never = search(("last_interaction_date", "=", False))
    yield Figure("partner list, never any contact", ms(never), "ms")


def _count(partner):
    def count():
        partner.invalidate_recordset(["interaction_count"])
        return partner.interaction_count

    return count


def _union_view(partner_id):
    return SQL(
        """SELECT * FROM (SELECT id, partner_id, date_order AS date, name FROM sale_order WHERE state = 'sale'
                UNION ALL SELECT id, author_id, date, subject FROM mail_message WHERE message_type = 'email') event
            WHERE partner_id = %s ORDER BY date DESC, id DESC LIMIT %s""",
        partner_id,
        PAGE + 1,
    )


def _queries(env, fn):
    before = env.cr.sql_log_count
    fn()
    return env.cr.sql_log_count - before


def _statement(env, query):
    """Runs the text of a query, so that what its parameters cost is no part of it."""
    text = env.cr.mogrify(query.code, query.params).decode()

    def fetch():
        env.cr.execute(text)
        return env.cr.fetchall()

    return fetch


def _fetch(env, query):
    env.cr.execute(query)
    return env.cr.fetchall()
