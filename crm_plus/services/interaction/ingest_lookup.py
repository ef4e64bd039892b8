"""What rows of other systems name: sources, channels, customers, leads, colleagues, companies, currencies.

Everything is looked up once for all rows, as the caller: what they may not see is unknown.
"""

from odoo import fields
from odoo.fields import Domain
from odoo.tools import email_normalize

from ...engine.interaction.addresses import email_variants, phone_variants
from ...engine.interaction.ingest_rows import IngestRow, RowError
from .written_addresses import WrittenAddresses

OPEN_LEADS = Domain("won_status", "=", "pending") & Domain("active", "=", True)


class Lookup:
    """Turns checked rows into column values; ``interactions`` is the empty ``crm.interaction`` of the caller."""

    def __init__(self, interactions):
        self.interactions, self.env = interactions, interactions.env

    def values(self, parsed):
        """Column values of each `IngestRow`, in order; a `RowError` where one is, or something is unknown."""
        known = self.interactions._ingest_known([row for row in parsed if isinstance(row, IngestRow)])
        return [self._row_values(row, known) if isinstance(row, IngestRow) else row for row in parsed]

    def known(self, rows):
        """All that ``rows`` name, by what they name it."""

        def given(name):
            return {value for row in rows if (value := getattr(row, name)) is not None}

        companies = {company.id: company for company in self.env.companies}
        # each as it may be written, the likeliest first
        emails = {email: _known_forms(map(email_normalize, email_variants(email))) for email in given("email")}
        keys = {(row.phone, row.company_id) for row in rows if row.phone}
        phones = {
            (phone, company): _known_forms(self._e164(form, company, companies) for form in phone_variants(phone))
            for phone, company in keys
        }
        every_email = {form for forms in emails.values() for form in forms}
        every_phone = {form for forms in phones.values() for form in forms}
        by_email = self._contacts("email_normalized", every_email)
        by_phone = self._contacts("phone_sanitized", every_phone)
        written = WrittenAddresses(self.env["res.partner"])
        self._add_written_contacts(written.by_email, by_email, emails)
        self._add_written_contacts(written.by_phone, by_phone, phones)
        leads_by_email = self._open_leads("email_normalized", every_email)
        leads_by_phone = self._open_leads("phone_sanitized", every_phone)
        written = WrittenAddresses(self.env["crm.lead"], OPEN_LEADS)
        self._add_written_leads(written.by_email, leads_by_email, emails, by_email)
        self._add_written_leads(written.by_phone, leads_by_phone, phones, by_phone)
        lead_ids = given("lead_id").union(*leads_by_email.values(), *leads_by_phone.values())
        ids, logins = set(), set()
        for user in given("user"):
            (ids if isinstance(user, int) else logins).add(user)
        users = Domain("share", "=", False) & (Domain("id", "in", ids) | Domain("login", "in", logins))
        sources = Domain("kind", "=", "ingest") & Domain("code", "in", given("source"))
        return {
            "companies": companies,
            "sources": self._read("crm.interaction.source", sources, "code", "id", "channel_id", "direction"),
            "channels": self._read("crm.interaction.channel", Domain.TRUE, "code", "id"),
            "currencies": self._read("res.currency", Domain("name", "in", given("currency")), "name", "id"),
            "leads": self._read("crm.lead", Domain("id", "in", lead_ids), "id", "partner_id", "user_id", "company_id"),
            "users": self._users(users),
            "partners": self._read("res.partner", Domain("id", "in", given("partner_id")), "id", "company_id"),
            "emails": emails,
            "phones": phones,
            "by_email": by_email,
            "by_phone": by_phone,
            "leads_by_email": leads_by_email,
            "leads_by_phone": leads_by_phone,
            # sudo: which contacts the companies of the caller are
            "own": set(self.env.companies.sudo().partner_id.ids),
        }

    def _read(self, model, domain, key, *names):
        """``{key: (values of names)}`` of the records the caller may read, archived ones too; one query."""
        rows = self._select(self.env[model].with_context(active_test=False), domain, (key, *names))
        return {row[0]: row[1:] for row in rows}

    def _select(self, model, domain, names):
        if not model.has_access("read"):
            return []
        query = model._search(domain, order="id")
        return self.env.execute_query(query.select(*(model._field_to_sql(query.table, name, query) for name in names)))

    def _users(self, domain):
        rows = self._select(self.env["res.users"].with_context(active_test=False), domain, ("id", "login"))
        return {key: id_ for id_, login in rows for key in (login, id_)}

    def _contacts(self, name, values):
        """``{value: [(is colleague, contact id, company id)]}``, active contacts only."""
        found = {}
        names = (name, "partner_share", "id", "company_id")
        for value, share, *rest in self._select(self.env["res.partner"], Domain(name, "in", values), names):
            found.setdefault(value, []).append((not share, *rest))
        return found

    def _open_leads(self, name, values):
        """``{value: [lead id]}`` of the open leads that the caller may read."""
        found = {}
        for value, lead_id in self._select(self.env["crm.lead"], Domain(name, "in", values) & OPEN_LEADS, (name, "id")):
            found.setdefault(value, []).append(lead_id)
        return found

    def _add_written_contacts(self, find, contacts, forms):
        """Add the contacts that ``find`` makes out of the fields themselves, under what was sent."""
        found = find(_not_found(forms, contacts))
        ids = {id_ for ids in found.values() for id_ in ids}
        names = ("id", "partner_share", "company_id")
        rows = self._select(self.env["res.partner"], Domain("id", "in", ids), names) if ids else []
        known = {id_: (not share, id_, company) for id_, share, company in rows}
        for key, ids in found.items():
            contacts[key], forms[key] = [known[id_] for id_ in dict.fromkeys(ids)], (key,)

    def _add_written_leads(self, find, leads, forms, contacts):
        """The same of open leads, of what no contact has."""
        for key, ids in find(_not_found(_not_found(forms, contacts), leads)).items():
            leads[key], forms[key] = list(dict.fromkeys(ids)), (key,)

    def _e164(self, phone, company_id, companies):
        """The number with its country's prefix; without one it is taken to be of the company's country."""
        company = companies.get(company_id) or self.env.company
        return self.env["res.partner"]._phone_format(number=phone, country=company.country_id)

    # ------------------------------------------------------------------ one row

    def _row_values(self, row, known):
        """Column values of ``row``, or the `RowError` for the first thing in it that is unknown."""
        try:
            source_id, channel_id, direction = self._source(row, known)
            lead_id, partner_id = self._whom(row, known)
            lead_partner, lead_user, lead_company = known["leads"].get(lead_id, (None, None, None))
            company_id = self._company(row, known, lead_company)
            return {
                "source_id": source_id,
                "external_ref": row.external_ref,
                "partner_id": partner_id or lead_partner,
                "lead_id": lead_id,
                "date": fields.Datetime.to_string(row.date),
                "day": row.day and fields.Date.to_string(row.day),
                "channel_id": channel_id,
                "direction": row.direction or direction,
                "user_id": self._user(row, known),
                "document_user_id": lead_user,
                "company_id": company_id,
                "name": row.summary,
                "note": row.note,
                "duration": row.duration,
                "outcome": row.outcome,
                "amount": row.amount,
                "currency_id": self._currency(row, known, company_id),
            }
        except _Unknown as unknown:
            return unknown.error

    def _source(self, row, known):
        source_id, channel_id, direction = _found(known["sources"], row, "source", "unknown_source")
        if row.channel:
            allowed = ", ".join(sorted(known["channels"]))
            (channel_id,) = _found(known["channels"], row, "channel", "unknown_channel", allowed=allowed)
        if not channel_id:
            raise _Unknown("channel", "missing")
        return source_id, channel_id, direction

    def _whom(self, row, known):
        """(lead id, contact id) of a row. Where no contact has the address or the number, the one open lead that has
        it: nobody has made a contact of it yet."""
        lead_company = row.lead_id and _found(known["leads"], row, "lead_id", "unknown_lead")[2]
        company_id = self._company(row, known, lead_company)
        try:
            return row.lead_id, self.interactions._ingest_partner(row, known, company_id)
        except _Unknown as unknown:
            leads = _first(known["leads_by_email"], known["emails"].get(row.email))
            leads = leads or _first(known["leads_by_phone"], known["phones"].get((row.phone, row.company_id)))
            if row.partner_id is not None or unknown.error.reason != "unknown_partner" or not leads:
                raise
            if len(leads) > 1:
                found = ", ".join(map(str, leads))
                raise _Unknown(unknown.error.field, "several_leads", row.email or row.phone, leads=found) from None
            return leads[0], None

    def _company(self, row, known, lead_company):
        """The lead's company; else what the row says; else the company the caller works in."""
        if row.company_id is not None:
            _found(known["companies"], row, "company_id", "unknown_company")
            if lead_company and lead_company != row.company_id:
                raise _Unknown("company_id", "other_company", given=lead_company)
        return lead_company or row.company_id or self.env.company.id

    def _user(self, row, known):
        """Who did it: without a word the caller; a manager's key says nothing about who did it."""
        for_others = self.interactions._may_log_for_others()
        if row.user is None:
            return None if for_others else self.env.uid
        user_id = _found(known["users"], row, "user", "unknown_user")
        if user_id != self.env.uid and not for_others:
            raise _Unknown("user", "other_user", row.user)
        return user_id

    def _currency(self, row, known, company_id):
        """The currency of the amount; the company's when none is given."""
        if row.currency:
            return _found(known["currencies"], row, "currency", "unknown_currency")[0]
        return known["companies"][company_id].currency_id.id if row.amount is not None else None


def partner_of(row, known, company_id):
    """The contact: by id, else by email, else by phone number.

    Of several with the same email or number: customers before colleagues, those of the row's company before shared
    ones before those of other companies, then the one that was there first, so that a row that is sent again meets
    the same contact though somebody has entered it once more.
    """
    if row.partner_id is not None:
        _found(known["partners"], row, "partner_id", "unknown_partner")
        return row.partner_id
    candidates = _first(known["by_email"], known["emails"].get(row.email))
    candidates = candidates or _first(known["by_phone"], known["phones"].get((row.phone, row.company_id)))
    if candidates:
        best = min(candidates, key=lambda found: (found[0], found[2] != company_id, found[2] is not None, found[1]))[1]
        if best in known["own"]:
            raise _Unknown("email" if row.email else "phone", "own_address", row.email or row.phone)
        return best
    if row.lead_id is None:
        raise _Unknown(
            *(("email", "unknown_partner", row.email) if row.email else ("phone", "unknown_partner", row.phone))
        )
    return None


def _not_found(forms, found):
    """``{what was sent: its forms}`` of those by none of whose forms anything was found."""
    return {key: known for key, known in forms.items() if not any(form in found for form in known)}


def _known_forms(forms):
    """The forms that could be read, each once, in their order."""
    return tuple(dict.fromkeys(form for form in forms if form))


def _first(found, forms):
    """What was found by the first of several forms by which something was."""
    return next((found[form] for form in forms or () if form in found), None)


class _Unknown(Exception):
    def __init__(self, field, reason, given=None, **values):
        super().__init__(reason)
        self.error = RowError(field, reason, {"given": given, **values})


def _found(records, row, name, reason, **values):
    given = getattr(row, name)
    if given not in records:
        raise _Unknown(name, reason, given, **values)
    return records[given]
