"""What clients of the API and of the timeline are answered, in their language, when a value cannot be used."""


def refusals(env):
    """What is wrong and what helps, per reason of `engine.checks`, `engine.interaction` and `ingest_lookup`."""
    return {
        "not_an_object": env._(
            "“%(given)s” is not an object. Send each interaction as an object of field names and values."
        ),
        "unknown_field": env._("There is no such field. The fields are: %(allowed)s."),
        "missing": env._("It is missing. Send it with every row."),
        "not_a_text": env._("“%(given)s” is not a text. Send it in quotation marks."),
        "too_long": env._("It has %(length)s characters. Send at most %(limit)s."),
        "not_writable": env._(
            "It holds characters that cannot be stored. Leave out the NUL character and broken Unicode."
        ),
        "not_an_id": env._("“%(given)s” is not a record id. Send a positive whole number."),
        "not_a_number": env._("“%(given)s” is not a number. Send it without quotation marks."),
        "out_of_range": env._("Send a number from %(low)s to %(high)s."),
        "not_a_choice": env._("“%(given)s” is not one of its values. Use one of: %(allowed)s."),
        "not_a_date": env._("It is not a date. Send ISO 8601, such as 2026-05-01T10:00:00+02:00."),
        "too_old": env._("“%(given)s” is too long ago. Send a date from %(oldest)s on."),
        "in_the_future": env._(
            "“%(given)s” is in the future. Send when it took place, with the offset from UTC, such as +02:00."
        ),
        "no_customer": env._("Whom was it with? Send partner_id, email, phone or lead_id."),
        "not_a_list": env._("“%(given)s” is not a list. Send a list of record ids."),
        "not_a_day": env._("“%(given)s” is not a day. Write it like 2026-05-01."),
        "not_a_cursor": env._("It is not where a page ended. Send the “next” of the previous page as it came."),
        "no_scope": env._("A timeline is of a customer or of a lead: give partner_id or lead_id."),
        "unknown_partner": env._("You may see no customer “%(given)s”. Create the contact first."),
        "unknown_lead": env._("You may see no lead “%(given)s”. Correct the id."),
        "unknown_user": env._("There is no colleague with the login or id “%(given)s”. Correct it or leave it out."),
        "other_user": env._("Only a CRM Plus manager sends in what others did. Leave it out."),
        "unknown_company": env._("“%(given)s” is not one of your companies. Correct the id or leave it out."),
        "other_company": env._("The lead is of the company “%(given)s”. Send that one or leave it out."),
        "unknown_source": env._(
            "There is no source “%(given)s” of the kind “Sent in by another system”. Create it in the settings."
        ),
        "unknown_channel": env._("There is no channel “%(given)s”. Use one of: %(allowed)s."),
        "unknown_currency": env._("There is no currency “%(given)s”. Send its ISO 4217 code, such as EUR."),
        "not_yours": env._(
            "Somebody else sent in an interaction with this reference. Use another one, or a manager's key."
        ),
    }
