"""What stays have brought is taken away from all customers at once: when a module that brings it is uninstalled."""

from odoo.tools import SQL


def withdraw_tags(env, table):
    """Take the tags away that stays of ``table`` have put. Those that were there before were never put by a stay."""
    field = env["res.partner"]._fields["category_id"]
    env.flush_all()
    env.cr.execute(
        SQL(
            """DELETE FROM %(tags)s r USING %(stays)s s
                WHERE s.added_tag_id = r.%(tag)s AND s.partner_id = r.%(partner)s;
               UPDATE %(stays)s SET added_tag_id = NULL WHERE added_tag_id IS NOT NULL""",
            tags=SQL.identifier(field.relation),
            tag=SQL.identifier(field.column2),
            partner=SQL.identifier(field.column1),
            stays=SQL.identifier(table),
        )
    )
    env.invalidate_all(flush=False)


def withdraw_pricelists(env, table, which=None):
    """Take the pricelists away that stays of ``table`` have set, from customers and their contacts who still have that
    one in that company. ``which``: a condition on stays ``s``."""
    which = which or SQL("TRUE")
    env.flush_all()
    env.cr.execute(
        SQL(
            """UPDATE res_partner p
                  SET specific_property_product_pricelist =
                      NULLIF(p.specific_property_product_pricelist - given.companies, '{}'::jsonb)
                 FROM (SELECT c.id, array_agg(s.company_id::text) AS companies
                         FROM %(stays)s s JOIN res_partner c ON c.commercial_partner_id = s.partner_id
                        WHERE (c.specific_property_product_pricelist ->> s.company_id::text)::int = s.added_pricelist_id
                              AND %(which)s
                        GROUP BY c.id) given
                WHERE p.id = given.id;
               UPDATE %(stays)s s SET added_pricelist_id = NULL
                WHERE added_pricelist_id IS NOT NULL AND %(which)s""",
            which=which,
            stays=SQL.identifier(table),
        )
    )
    env.invalidate_all(flush=False)
