"""Numbers with what they count, in the language of the user."""


def orders(env, count):
    return env._("1 order") if count == 1 else env._("%s orders", count)


def months(env, count):
    return env._("1 month") if count == 1 else env._("%s months", count)
