"""How a feature is read, as a plain value: a version keeps its own, so that what the list of fields says later changes
nothing of what it predicts."""

from dataclasses import dataclass

from .catalogue import is_readable

DIRECT = ("lead", "partner", "property", "age")


@dataclass(frozen=True, slots=True)
class Reading:
    """The name, kind and origin of a `crm.score.feature`; the kind is one of the engine's, or "text" for a training."""

    name: str
    kind: str
    origin: str

    def host_model(self) -> str | None:
        """The model whose records hold the values, None for what is counted."""
        return {"lead": "crm.lead", "property": "crm.lead", "partner": "res.partner"}.get(self.origin)

    def host_field(self, env):
        """The field of the host's model, None when there is none or it has gone."""
        if self.origin not in ("lead", "partner"):
            return None
        return env[self.host_model()]._fields.get(self.name.split(".")[-1])

    def can_be_read(self, env) -> bool:
        """Whether there is still something to read."""
        if self.origin not in ("lead", "partner"):
            return True
        field = self.host_field(env)
        return field is not None and is_readable(field)
