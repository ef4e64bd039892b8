"""Numbers with what they count, in the language of the user."""


def orders(env, count):
    return env._("1 order") if count == 1 else env._("%s orders", count)


def customers(env, count):
    return env._("1 customer") if count == 1 else env._("%s customers", count)


def months(env, count):
    return env._("1 month") if count == 1 else env._("%s months", count)


def days(env, count):
    return env._("1 day") if count == 1 else env._("%s days", count)


def ago(env, count):
    """So many days before today, such as “yesterday”."""
    if count > 1:
        return env._("%s days ago", count)
    return env._("yesterday") if count else env._("today")
