"""Numbers and addresses as people write them: two in one field, in a form of another country, with a tag.

What Odoo keeps of such a field in one form is looked up by an index (`ingest_lookup`). For the few that are not found
that way the fields themselves are read: one pass over the records the caller may read, however many are sought.
"""

from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ...engine.interaction.addresses import TAIL, digits_of, email_parts, phone_parts, without_tag

DIGITS = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩"
PART_ENDS = r"[/,;|\n،؛]|\m(or|and|und|oder|ou|et|y|o|e)\M"
EXTENSION = r"(ext\.?|x|#).*$"


class WrittenAddresses:
    """``model`` is res.partner or crm.lead of the caller, ``domain`` which of its records count."""

    def __init__(self, model, domain=Domain.TRUE):
        self.model, self.env, self.domain = model, model.env, domain

    def by_phone(self, wanted):
        """``{key: ids}`` for ``{key: its forms in E.164}``, where a key begins with the text that was sent: a number of
        the field is the same in E.164, read with the record's country, or has the very digits of the text."""
        tails = {digits_of(form)[-TAIL:] for key, forms in wanted.items() for form in (key[0], *forms)}
        tails = [tail for tail in tails if len(tail) == TAIL]
        if not tails:
            return {}
        parts = SQL(
            "array_append(regexp_split_to_array(%(phone)s, %(ends)s, 'i'), %(phone)s)",
            phone=SQL("translate(%s, %s, %s)", self._column("phone"), DIGITS, "01234567890123456789"),
            ends=PART_ENDS,
        )
        records = self._found(
            SQL(
                r"""EXISTS (SELECT FROM unnest(%s) part
                             WHERE right(regexp_replace(regexp_replace(part, %s, '', 'i'), '[^0-9]', '', 'g'), %s)
                                   = ANY(%s))""",
                parts,
                EXTENSION,
                TAIL,
                tails,
            )
        )
        known = {}
        for record in records:
            for part in phone_parts(record.phone):
                country = record.country_id
                for form in {digits_of(part), record._phone_format(number=part, country=country)}:
                    known.setdefault(form, []).append(record.id)
        return {
            key: ids
            for key, forms in wanted.items()
            if (ids := next((known[form] for form in (*forms, digits_of(key[0])) if form in known), None))
        }

    def by_email(self, wanted):
        """``{key: ids}`` for ``{key: addresses}``: the second address of a field, or one with a tag after a plus."""
        every = [form for forms in wanted.values() for form in forms]
        if not every:
            return {}
        column = self._column("email" if "email" in self.model._fields else "email_from")
        records = self._found(
            SQL(
                r"""%(email)s ~ '@.*@|\+' AND EXISTS (
                        SELECT FROM regexp_split_to_table(lower(%(email)s), '[\s,;<>"]+') part
                         WHERE part = ANY(%(every)s) OR regexp_replace(part, '\+[^@]*@', '@') = ANY(%(every)s))""",
                email=column,
                every=every,
            )
        )
        known = {}
        for record in records:
            for part in email_parts(record.email if "email" in record._fields else record.email_from):
                address = email_normalize(part)
                for form in {address, address and without_tag(address)}:
                    known.setdefault(form, []).append(record.id)
        return {
            key: ids
            for key, forms in wanted.items()
            if (ids := next((known[form] for form in forms if form in known), None))
        }

    def _column(self, name):
        return SQL.identifier(self.model._table, name)

    def _found(self, condition):
        """The records that the caller may read and that meet a condition in SQL on their table."""
        if not self.model.has_access("read"):
            return self.model.browse()
        query = self.model._search(self.domain, order="id")
        query.add_where(condition)
        return self.model.browse(query)
