"""What is logged is checked as it ends up, whichever way it came in."""

from datetime import timedelta

import psycopg2
from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import AccessCase

# The database's own constraints are put into words by the host's server.
REFUSED = (UserError, psycopg2.IntegrityError)


@tagged("post_install", "-at_install")
class TestAccessPlanted(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hidden_partner = cls.env["res.partner"].create({"name": "Theirs", "company_id": cls.other_company.id})
        # nobody but Bob, those with all documents and managers of the company see it
        cls.target = cls.new_lead(cls.bob, "Secret without a customer", partner_id=False)
        cls.env["crm.score.rule"].create(
            {"name": "Calls", "kind": "engagement", "points": 5, "state": "active", "channel_ids": cls.channel.ids}
        )
        cls.env.cr.flush()

    def forbidden(self, user):
        """Values that the user must not get into an entry."""
        later = fields.Datetime.now() + timedelta(days=1)
        yield from (
            {"partner_id": self.hidden_partner.id if user != self.stranger else self.theirs().id},
            {"lead_id": self.target.id} if user != self.manager else {"lead_id": self.lead_elsewhere().id},
            {"external_ref": "forged"},
            {"is_private": True},
            {"document_model": "crm.lead"},
            {"document_model": "crm.lead", "document_id": self.target.id},
            {"document_user_id": self.bob.id},
            {"document_user_id": user.id},
            {"res_id": self.order_of_bob.id},
            {"occurrence": 7},
            {"source_id": self.env.ref("crm_plus.source_order").id},
            {"source_id": self.env.ref("crm_plus.source_ingest").id},
            {"company_id": False},
            {"company_id": (self.other_company if user != self.stranger else self.company).id},
            {"date": fields.Datetime.to_string(later)},
            {"date": "9999-12-31 23:59:59"},
            {"date": "0001-01-01 00:00:00"},
            {"date": "1899-12-31 00:00:00"},
            {"duration": -1},
            {"duration": 1e9},
            {"duration": float("nan")},
            {"duration": float("inf")},
            {"amount": 1e300},
            {"amount": float("nan")},
        )
        if user != self.manager and user != self.stranger:
            yield {"user_id": self.bob.id}
            yield {"user_id": False}

    def theirs(self):
        return self.env["res.partner"].create({"name": "Not for strangers", "company_id": self.company.id})

    def lead_elsewhere(self):
        return self.new_lead(self.stranger, "Elsewhere", company_id=self.other_company.id, partner_id=False)

    def ways_in(self, user, values):
        """``{name: function}``: every way by which a client makes or changes an entry."""
        rows = self.interactions(user)
        company = self.other_company if user == self.stranger else self.company
        mine = {"partner_id": self.customer.id, "channel_id": self.channel.id, "name": "Planted"}
        lead = self.env["crm.lead"].create(
            {"name": "Own", "user_id": user.id, "company_id": company.id, "partner_id": self.customer.id}
        )
        default = {f"default_{name}": value for name, value in values.items()}
        given = {name: value for name, value in mine.items() if name not in values}
        old = self.logged(user)
        old.env.flush_all()
        spec = {"display_name": {}, "lead_id": {"fields": {"display_name": {}}}}
        ways = {
            "create": lambda: rows.create(mine | values),
            "create by default": lambda: rows.with_context(**default).create(given),
            "web_save": lambda: rows.web_save(mine | values, spec),
            "web_save by default": lambda: rows.with_context(**default).web_save(given, spec),
            "import": lambda: self.imported(rows, mine | values),
            "import by default": lambda: self.imported(rows.with_context(**default), given),
            "write": lambda: old.write(values),
            "web_save of an old one": lambda: old.web_save(values, spec),
            "copy": lambda: old.copy(values),
            "copy by default": lambda: old.with_context(**default).copy(),
            "one2many of the customer": lambda: self.customer.with_user(user).write(
                {"interaction_ids": [Command.create({"channel_id": self.channel.id, "name": "Planted"} | values)]}
            ),
            "one2many of the customer by default": lambda: (
                self.customer.with_user(user)
                .with_context(**default)
                .write(
                    {"interaction_ids": [Command.create({"channel_id": self.channel.id, "name": "Planted"} | values)]}
                )
            ),
            "update through the customer": lambda: self.customer.with_user(user).write(
                {"interaction_ids": [Command.update(old.id, values)]}
            ),
            "dialog": lambda: self.dialog(user, default),
        }
        if "lead_id" not in values and "company_id" not in values:
            ways |= {
                "one2many of the lead": lambda: lead.with_user(user).write(
                    {"interaction_ids": [Command.create({"channel_id": self.channel.id, "name": "Planted"} | values)]}
                ),
                "update through the lead": lambda: lead.with_user(user).write(
                    {"interaction_ids": [Command.update(old.id, values)]}
                ),
            }
        return ways

    def imported(self, rows, values):
        names = list(values)
        many2one = {name for name in names if rows._fields[name].type == "many2one"}
        header = [f"{name}/.id" if name in many2one else name for name in names]
        result = rows.load(header, [["" if values[name] is False else str(values[name]) for name in names]])
        if not result["ids"]:
            raise UserError(repr(result["messages"]))

    def dialog(self, user, default):
        log = self.env["crm.interaction.log"].with_user(user).with_context(**default)
        log.create({"name": "Planted"} | ({} if "default_partner_id" in default else {"partner_id": self.customer.id}))
        log.search([], order="id desc", limit=1).action_log()

    def planted(self, attack, values):
        """The entries with one of ``values`` that an attack has made, or made of another; it is undone."""
        before = self.all_with(values)
        with Undone(self.env):
            return [] if self.is_refused(attack) else sorted(self.all_with(values) - before)

    def is_refused(self, attack):
        try:
            with mute_logger("odoo.addons.base.models.ir_rule", "odoo.sql_db"), self.env.cr.savepoint():
                attack()
                self.env.flush_all()
        except REFUSED:
            self.env.invalidate_all(flush=False)
            return True
        return False

    def all_with(self, values):
        self.env.flush_all()
        conditions = [
            SQL("%s = %s", SQL.identifier(name), value)
            if value is not False
            else SQL("COALESCE(%s::text, 'false') = 'false'", SQL.identifier(name))
            for name, value in values.items()
        ]
        rows = SQL("SELECT id FROM crm_interaction WHERE %s", SQL(" AND ").join(conditions))
        return {row[0] for row in self.env.execute_query(rows)}

    def test_what_must_not_be_logged_gets_in_by_no_way(self):
        for user in (self.ann, self.manager, self.stranger):
            for values in self.forbidden(user):
                for way, attack in self.ways_in(user, values).items():
                    with self.subTest(user=user.login, values=values, way=way):
                        self.assertFalse(self.planted(attack, values))

    def test_what_must_not_be_logged_is_refused(self):
        for user in (self.ann, self.manager, self.stranger):
            for values in self.forbidden(user):
                ways = self.ways_in(user, values)
                for way in ("create", "web_save", "write", "web_save of an old one", "create by default"):
                    with self.subTest(user=user.login, values=values, way=way), Undone(self.env):
                        self.assertTrue(self.is_refused(ways[way]))

    def test_planted_entries_do_not_move_the_score_of_a_hidden_lead(self):
        self.assertFalse(self.target.with_user(self.ann).has_access("read"))
        before = self.target.engagement_score
        for _call in range(5):
            for way, attack in self.ways_in(self.ann, {"lead_id": self.target.id}).items():
                with self.subTest(way=way):
                    self.assertFalse(self.planted(attack, {"lead_id": self.target.id}))
                    self.env.cr.flush()
                    self.assertEqual(self.target.engagement_score, before)
        self.logged(self.bob, lead_id=self.target.id, partner_id=False)
        self.env.cr.flush()
        self.assertGreater(self.target.engagement_score, before, "the rule counts calls")

    def test_what_is_allowed_by_default_works(self):
        rows = self.interactions(self.ann)
        row = rows.with_context(default_lead_id=self.lead_of_ann.id, default_channel_id=self.channel.id).create({})
        self.assertRecordValues(
            row,
            [
                {
                    "lead_id": self.lead_of_ann.id,
                    "partner_id": self.customer.id,
                    "document_user_id": self.ann.id,
                    "user_id": self.ann.id,
                    "company_id": self.company.id,
                }
            ],
        )

    def test_the_name_of_what_is_hidden_is_not_shown_before_anything_is_saved(self):
        rows = self.interactions(self.ann)
        spec = {name: {"fields": {"display_name": {}}} for name in ("lead_id", "partner_id", "company_id", "user_id")}
        for name, hidden in (("lead_id", self.target), ("partner_id", self.hidden_partner)):
            lines = {"interaction_ids": [Command.create({name: hidden.id})]}
            for way, ask in {
                "onchange": lambda n=name, h=hidden: rows.onchange({n: h.id}, [n], spec),
                "first onchange": lambda n=name, h=hidden: rows.onchange({n: h.id}, [], spec),
                "default": lambda n=name, h=hidden: rows.with_context(**{f"default_{n}": h.id}).onchange({}, [], spec),
                "line of the customer": lambda v=lines: self.customer.with_user(self.ann).onchange(
                    v, ["interaction_ids"], {"interaction_ids": {"fields": spec}}
                ),
                "line of the lead": lambda v=lines: self.lead_of_ann.with_user(self.ann).onchange(
                    v, ["interaction_ids"], {"interaction_ids": {"fields": spec}}
                ),
            }.items():
                self.env.invalidate_all()
                with self.subTest(way=way, field=name), self.assertRaises(UserError):
                    ask()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_what_is_only_there_to_search_by_shows_no_name(self):
        rows = self.env["crm.interaction"].with_user(self.manager).with_context(allowed_company_ids=self.company.ids)
        hidden = self.env["crm.lead"].create({"name": "Secret lead", "company_id": self.other_company.id})
        mine = rows.create({"partner_id": self.customer.id, "channel_id": self.channel.id})
        spec = {"event_lead_id": {"fields": {"display_name": {}}}}
        by_default = rows.with_context(default_event_lead_id=hidden.id)
        for way in (
            lambda: by_default.onchange({}, [], spec),
            lambda: rows.onchange({"event_lead_id": hidden.id}, ["event_lead_id"], spec),
            lambda: mine.web_save({"event_lead_id": hidden.id}, spec),
            lambda: mine.onchange({"event_lead_id": hidden.id}, ["event_lead_id"], spec),
        ):
            self.env.invalidate_all()
            with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
                way()
            self.assertNotIn("Secret", str(refused.exception))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_portal_and_employees_without_sales_log_nothing(self):
        for user in (self.portal, self.clerk, self.public):
            for way in (
                lambda u=user: self.logged(u),
                lambda u=user: self.interactions(u).onchange({}, [], {"lead_id": {}}),
                lambda u=user: self.customer.with_user(u).write({"interaction_ids": [Command.create({"name": "x"})]}),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    way()


class Undone:
    """What is done within is rolled back."""

    def __init__(self, env):
        self.env = env

    def __enter__(self):
        self.env.flush_all()
        self.savepoint = self.env.cr.savepoint()
        self.savepoint.__enter__()

    def __exit__(self, *_error):
        self.env.invalidate_all(flush=False)
        self.savepoint.rollback()
        self.savepoint.close(rollback=False)
