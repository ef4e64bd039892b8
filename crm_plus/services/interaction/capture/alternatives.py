"""A condition with many spellings of one text, such as the subjects of automatic answers, as one comparison."""

from collections import defaultdict

from odoo.orm.domains import DomainCondition, DomainOr
from odoo.tools import SQL


def condition_sql(domain, model, query):
    """SQL of an optimized domain, over ``query``.

    Of alternatives, those that compare one text with a pattern (``=ilike``) are one comparison: its small letters are
    made once for all of them, and not once for each, as the database does for each ``ILIKE``.
    """
    alternatives = domain.children if isinstance(domain, DomainOr) else (domain,)
    patterns, others = defaultdict(list), []
    for alternative in alternatives:
        if _is_pattern(alternative, model):
            patterns[alternative.field_expr].append(alternative.value)
        else:
            others.append(alternative._to_sql(model, query.table, query))
    texts = [_any_pattern(model, query, name, values) for name, values in patterns.items()]
    return SQL("(%s)", SQL(" OR ").join([*others, *texts]))


def _is_pattern(condition, model):
    if not isinstance(condition, DomainCondition) or condition.operator != "=ilike":
        return False
    field = model._fields.get(condition.field_expr)
    return (
        field is not None
        and field.store
        and field.is_text
        and not field.translate
        and not field.company_dependent
        and isinstance(condition.value, str)
    )


def _any_pattern(model, query, name, values):
    def plain(text):
        return SQL("lower(%s)", model.env.registry.unaccent(text))

    patterns = SQL(", ").join(plain(SQL("%s", value)) for value in values)
    return SQL("%s LIKE ANY (ARRAY[%s])", plain(model._field_to_sql(query.table, name, query)), patterns)
