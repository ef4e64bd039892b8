"""Answers that took long to count, kept some minutes for the user who asked, with the moment they are of.

A key is made of all that decides what the user may see, so that whoever may see less than before is counted for anew;
that nobody is shown what was counted for somebody else is held by the user in the row as well.
"""

import hashlib
import json
import logging
import time
from collections.abc import Collection
from datetime import date, timedelta
from functools import partial

from odoo import fields
from odoo.fields import Domain
from odoo.modules.module import Manifest
from odoo.orm.domains import OptimizationLevel
from odoo.tools import SQL
from odoo.tools.json import json_default

from ..customer import amounts
from ..sql import USER_WAITS

_logger = logging.getLogger(__name__)

# An answer is kept when the question took so many seconds; of its parts, those that took more than a part of that.
SLOW, SHARE = 0.25, 0.1
# So long it is shown, and so many of a user are kept: whoever asks for more and more fills no table.
KEPT, MOST = timedelta(minutes=10), 200
# The models that the figures are counted from: what the user may see of them is part of the key.
MODELS = (
    "crm.customer.profile", "crm.customer.cohort", "crm.segment", "crm.segment.family", "crm.segment.membership",
    "crm.tier", "crm.kpi.day", "crm.kpi.target", "crm.purchase.model", "crm.interaction", "crm.interaction.channel",
    "crm.interaction.source", "crm.lead", "crm.lead.score", "sale.order", "sale.order.line", "product.product",
    "product.template", "res.partner", "crm.team", "mail.alias", "res.users", "res.company", "res.currency",
)  # fmt: skip
PLAIN = (str, int, float, date, Collection, type(None))


def is_plain(domain):
    """Whether a condition has values only, which can be written down."""
    return not any(isinstance(part, Domain) for part in domain) and all(
        is_plain(one.value) if isinstance(one.value, Domain) else isinstance(one.value, PLAIN)
        for one in domain.iter_conditions()
    )


class Kept:
    """The answers to one question of a user; ``asked`` is all they depend on beside who asks, as JSON has it.

    With ``again`` they are counted, whatever is kept.
    """

    def __init__(self, env, name, asked, again=False):
        self.env, self.name, self.asked, self.again = env, name, asked, again

    def answers(self, counts):
        """({part: answer}, the moment in UTC of the oldest that was kept, else False) of ``{part: function}``."""
        keys = self._keys(counts)
        state, found = self._found(keys)
        begun = fields.Datetime.now()
        answers, spent = {}, {}
        for part, count in counts.items():
            if part in found:
                answers[part] = json.loads(found[part][1])
                continue
            start = time.monotonic()
            answers[part] = count()
            spent[part] = time.monotonic() - start
        if keys and sum(spent.values()) >= SLOW:
            slow = [part for part, seconds in spent.items() if seconds >= SLOW * SHARE]
            bodies = {keys[part]: json.dumps(answers[part], default=json_default) for part in slow}
            # Once the request is over: it reads only, and is not to wait or fail because of that.
            self.env.cr.postcommit.add(partial(_write, self.env.registry, self.env.uid, state, begun, bodies))
        moment = min((moment for moment, _body in found.values()), default=False)
        return answers, fields.Datetime.to_string(moment)

    def answer(self, count):
        """The answer of a function, with ``kept``: the moment in UTC that it was counted when that was not now."""
        answers, moment = self.answers({"answer": count})
        return {**answers["answer"], "kept": moment}

    # ------------------------------------------------------------------ what an answer depends on

    def _keys(self, parts):
        """``{part: key}``; none where it cannot be told what the user may see, and for the superuser."""
        facts = None if self.env.su else self._facts()
        if facts is None:
            return {}
        return {part: hashlib.sha256(f"{facts}\n{part}".encode()).hexdigest() for part in parts}

    def _facts(self):
        """Everything that decides what the user is told, as a text; None when that cannot be written down."""
        env = self.env
        models = [*MODELS, *(report.model for report in env["crm.kpi.day"]._overview_reports().values())]
        rules = {name: env["ir.rule"]._compute_domain(name, "read") for name in models}
        if not all(map(is_plain, rules.values())):
            return None
        # As of this moment: of a rule about what is newer than "now -1H", the key is another one each second.
        rules = {name: rule._optimize(env[name], OptimizationLevel.DYNAMIC_VALUES) for name, rule in rules.items()}
        return repr(
            (
                self.name,
                json.dumps(self.asked, sort_keys=True, default=str),
                env.uid,
                env.company.id,
                env.companies.ids,
                env.lang,
                sorted((key, repr(value)) for key, value in env.context.items()),
                str(env.company._crm_plus_today()),
                sorted(env.user._get_group_ids()),
                [(name, env[name].has_access("read"), repr(rule)) for name, rule in rules.items()],
                amounts.extent(env, env.company),
                env["res.company"]._crm_plus_amounts_kept(),
                Manifest.for_addon("crm_plus").version,
            )
        )

    # ------------------------------------------------------------------ what is kept

    def _found(self, keys):
        """(the state of all rights, ``{part: (moment, body)}`` of what is kept), in one statement.

        The state is a digest of when rules, access rights, sales teams, the user and the settings of the companies were
        changed, and of the teams of the user. The moments are added up: what took long to change may have begun before
        the last change of another one.
        """
        if not keys:
            return None, {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT now.state, kept.key, kept.moment, kept.body
                     FROM (SELECT encode(sha256(convert_to(ROW(
                                  (SELECT (count(*), %(changes)s)::text FROM ir_rule WHERE active),
                                  (SELECT (count(*), %(changes)s)::text FROM ir_model_access WHERE active),
                                  (SELECT (count(*), %(changes)s)::text FROM crm_team),
                                  (SELECT (u.write_date, p.tz)::text FROM res_users u
                                     JOIN res_partner p ON p.id = u.partner_id WHERE u.id = %(user)s),
                                  (SELECT array_agg((id, write_date)::text ORDER BY id) FROM res_company),
                                  (SELECT array_agg(crm_team_id ORDER BY crm_team_id) FROM crm_team_member
                                    WHERE active AND user_id = %(user)s))::text, 'UTF8')), 'hex') AS state) now
                     LEFT JOIN crm_kpi_answer kept ON kept.user_id = %(user)s AND kept.key = ANY(%(keys)s)
                          AND kept.state = now.state AND kept.moment > %(since)s""",
                changes=SQL("sum(extract(epoch FROM write_date))"),
                user=self.env.uid,
                keys=list(keys.values()),
                since=fields.Datetime.now() - KEPT,
            )
        )
        found = {} if self.again else {key: (moment, body) for _state, key, moment, body in rows if key}
        return rows[0][0], {part: found[key] for part, key in keys.items() if key in found}


def _write(registry, uid, state, moment, bodies):
    """Write the answers of a user, counted from a moment on, in place of older ones, in a transaction of their own."""
    try:
        with registry.cursor() as cr:
            cr.execute(SQL("SET LOCAL lock_timeout = %s", USER_WAITS))
            cr.execute(
                SQL(
                    """DELETE FROM crm_kpi_answer WHERE user_id = %(user)s AND (moment <= %(since)s OR id IN (
                              SELECT id FROM crm_kpi_answer WHERE user_id = %(user)s
                               ORDER BY moment DESC, id DESC OFFSET %(most)s))""",
                    user=uid,
                    since=moment - KEPT,
                    most=MOST - len(bodies),
                ),
                log_exceptions=False,
            )
            for key, body in sorted(bodies.items()):
                cr.execute(
                    SQL(
                        """INSERT INTO crm_kpi_answer AS kept (user_id, key, state, moment, body)
                           VALUES (%s, %s, %s, %s, %s)
                               ON CONFLICT (user_id, key) DO UPDATE
                                  SET state = excluded.state, moment = excluded.moment, body = excluded.body
                                WHERE kept.moment <= excluded.moment""",
                        uid,
                        key,
                        state,
                        moment,
                        body,
                    ),
                    log_exceptions=False,
                )
    except Exception:  # another page of the user may be writing the same; the answer has been given
        _logger.info("An answer could not be kept", exc_info=True)
