"""What clients of the API and of the timeline are answered, in their language, when a value cannot be used."""


def refusals(env):
    """What is wrong and what helps, per reason of `engine.checks`, `engine.interaction` and `ingest_lookup`."""
    return {
        "not_an_object": env._(
            "“%(given)s” is not an object. Send each interaction as an object of field names and values."
        ),
        "unknown_field": env._("There is no such field. Use one of: %(allowed)s."),
        "missing": env._("It is missing. Send it with every row."),
        "not_a_text": env._("“%(given)s” is not a text. Send it in quotation marks."),
        "too_long": env._("It has %(length)s characters. Send at most %(limit)s."),
        "not_writable": env._(
            "It contains characters that cannot be stored. Remove NUL characters and invalid Unicode."
        ),
        "not_an_id": env._("“%(given)s” is not a record ID. Send a positive whole number."),
        "not_a_number": env._("“%(given)s” is not a number. Send it without quotation marks."),
        "out_of_range": env._("Send a number from %(low)s to %(high)s."),
        "not_a_choice": env._("“%(given)s” is not a valid value. Use one of: %(allowed)s."),
        "not_a_date": env._("It is not a date. Send ISO 8601, such as 2026-05-01T10:00:00+02:00."),
        "too_old": env._("“%(given)s” is too early. Send a date on or after %(oldest)s."),
        "in_the_future": env._(
            "“%(given)s” is in the future. Send the time it took place, with its UTC offset, for example +02:00."
        ),
        "no_customer": env._("Missing customer: send partner_id, email, phone or lead_id."),
        "not_a_list": env._("“%(given)s” is not a list. Send a list of record IDs."),
        "not_a_day": env._("“%(given)s” is not a date. Write it as 2026-05-01."),
        "not_a_cursor": env._("It is not the end of a page. Send the “next” value of the previous page unchanged."),
        "no_scope": env._("A timeline belongs to a customer or a lead: send partner_id or lead_id."),
        "unknown_partner": env._("There is no customer “%(given)s” you have access to. Create the contact first."),
        "several_leads": env._("Several open leads have “%(given)s”: %(leads)s. Send lead_id."),
        "own_address": env._("“%(given)s” is an address or number of your own company. Send the customer's."),
        "unknown_lead": env._("There is no lead “%(given)s” you have access to. Correct the ID."),
        "unknown_user": env._("There is no user with the login or ID “%(given)s”. Correct it or leave it out."),
        "other_user": env._("Only a CRM Plus manager can send interactions for other users. Leave it out."),
        "unknown_company": env._("“%(given)s” is not one of your companies. Correct the ID or leave it out."),
        "other_company": env._("The lead belongs to the company “%(given)s”. Send that company or leave it out."),
        "unknown_source": env._(
            "There is no source “%(given)s” of the kind “Sent by another system”. Create it under CRM > Configuration "
            "> CRM Plus > History > Interaction sources."
        ),
        "unknown_channel": env._("There is no channel “%(given)s”. Use one of: %(allowed)s."),
        "unknown_currency": env._("There is no currency “%(given)s”. Send its ISO 4217 code, such as EUR."),
        "not_yours": env._(
            "Someone else sent an interaction with this reference. Use another one, or a manager's key."
        ),
    }
