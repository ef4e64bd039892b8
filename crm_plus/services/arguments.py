"""Arguments of public methods, as a client sends them: whatever is not what it should be is refused with a sentence."""

from odoo.exceptions import UserError

from ..engine.checks import RefusedValue, shown


def argument(env, name, value, check):
    """``check(value)``, of the checkers of ``engine.checks``; a `UserError` names the argument that is refused."""
    try:
        return check(value)
    except RefusedValue:
        raise UserError(
            env._("“%(value)s” cannot be used as “%(argument)s”.", value=shown(value), argument=name)
        ) from None
