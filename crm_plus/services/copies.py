"""How copies of records are called."""


def named(env, vals_list, default=None):
    """The values of copies, whose names say what they are unless whoever copies names them."""
    if "name" in (default or {}):
        return vals_list
    return [vals | {"name": env._("%s (copy)", vals["name"])} for vals in vals_list]
