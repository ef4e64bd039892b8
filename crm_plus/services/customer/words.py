"""Numbers with what they count, in the language of the user."""


def orders(env, count):
    return env._("1 order") if count == 1 else env._("%s orders", count)


def customers(env, count):
    return env._("1 customer") if count == 1 else env._("%s customers", count)


def months(env, count):
    return env._("1 month") if count == 1 else env._("%s months", count)


def days(env, count):
    return env._("1 day") if count == 1 else env._("%s days", count)


def tickets(env, count):
    return env._("1 open ticket") if count == 1 else env._("%s open tickets", count)


def tasks(env, count):
    return env._("1 open task") if count == 1 else env._("%s open tasks", count)


# From so many days on, one counts months, and years.
IN_MONTHS, IN_YEARS = 91, 730


def ago(env, count):
    """So many days before today, such as “yesterday” or “3 years ago”: nobody counts ten thousand days."""
    if count >= IN_YEARS:
        return env._("%s years ago", int(count / 365.25))
    if count >= IN_MONTHS:
        return env._("%s months ago", int(count / 30.4375))
    if count > 1:
        return env._("%s days ago", count)
    return env._("yesterday") if count else env._("today")
