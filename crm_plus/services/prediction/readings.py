"""How a feature is read, as a plain value: a version keeps its own, so that what the list of fields says later changes
nothing of what it predicts."""

from dataclasses import dataclass

from .catalogue import is_readable
from .rights import may_read

DIRECT = ("lead", "partner", "property", "age", "stage")


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

    def is_well_named(self) -> bool:
        """Whether the name is one that its origin has: a field of the model itself, and no path to another one."""
        prefix = {"lead": "", "partner": "partner_id.", "property": "lead_properties."}.get(self.origin, self.origin)
        rest = self.name.removeprefix(prefix)
        if self.origin in ("lead", "partner", "property"):
            return self.name.startswith(prefix) and bool(rest) and "." not in rest
        return self.name == prefix or rest.startswith(".")

    def can_be_read(self, env) -> bool:
        """Whether there is still something to read."""
        if self.origin not in ("lead", "partner"):
            return True
        field = self.host_field(env)
        return field is not None and is_readable(field)

    def may_be_used(self, env) -> bool:
        """Whether a training may learn from it: it is there, and every manager may read it."""
        if not (self.is_well_named() and self.can_be_read(env)):
            return False
        field = self.host_field(env)
        return field is None or may_read(env, field)

    def may_be_shown(self, env) -> bool:
        """Whether the reader may read the value on a lead, or on its contact."""
        field = self.host_field(env)
        return field is None or env[field.model_name]._has_field_access(field, "read")
