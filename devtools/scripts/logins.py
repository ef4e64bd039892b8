"""One user of each kind, made once: run in Odoo's shell by `./dev serve`."""

SALES = {
    "own": ("Olivia Own (own documents)", "sales_team.group_sale_salesman"),
    "all": ("Alan All (all documents)", "sales_team.group_sale_salesman_all_leads"),
    "manager": ("Mona Manager (sales manager)", "sales_team.group_sale_manager"),
    "service": ("Sam Service (service and marketing)", "crm_plus.group_crm_plus_service"),
    "reader": ("Rita Reader (reads only)", "crm_plus.group_crm_plus_reader"),
}
CUSTOMER = "customer"


def ensure(env, lang: str | None = None) -> None:
    """Create the missing users, each with its login as password, and speak ``lang`` to all of them."""
    Users = env["res.users"].with_context(no_reset_password=True, mail_create_nosubscribe=True)
    for login, (name, group) in SALES.items():
        own = env.ref(group, raise_if_not_found=False)  # an older version has fewer groups
        if own and not _user(env, login):
            groups = env.ref("base.group_user") + env.ref("base.group_partner_manager") + own
            Users.create(_values(login, name=name, email=f"{login}@example.com", group_ids=[(6, 0, groups.ids)]))
    if not _user(env, CUSTOMER):
        groups = env.ref("base.group_portal")
        Users.create(_values(CUSTOMER, partner_id=_customer(env).id, group_ids=[(6, 0, groups.ids)]))
    if lang:
        logins = ["admin", CUSTOMER, *SALES]
        env["res.users"].search([("login", "in", logins)]).write({"lang": lang})


def _values(login: str, **values) -> dict:
    return {"login": login, "password": login, **values}


def _user(env, login: str):
    return env["res.users"].with_context(active_test=False).search([("login", "=", login)])


def _customer(env):
    """A contact of the host's demo data that has bought something, or a new one."""
    contact = env.ref("base.res_partner_address_15", raise_if_not_found=False)
    if contact and not contact.user_ids:
        return contact
    return env["res.partner"].create({"name": "Carl Customer", "email": "customer@example.com"})
