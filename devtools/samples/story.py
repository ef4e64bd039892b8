"""The sample company of the add-on, loaded at once: docs/story.md tells its story."""


def load(env):
    """All parts of it into the current company; what follows from them is left to the scheduled actions."""
    loaded = env["crm.sample.company"]._load(env.company)
    print("Story: loaded." if loaded else "The story is loaded already.")
