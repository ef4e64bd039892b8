"""Which fields a source reads, so that a change of one of them is noticed."""


class Reads:
    """What one source on ``model`` reads, as chains of (model name, field name), first hop first."""

    def __init__(self, model):
        self.model = model
        self.found = []

    def add(self, reads):
        self.found.append(reads)

    def add_domain(self, domain):
        """Fields the conditions of a domain read."""
        for condition in domain.iter_conditions():
            reads, model = [], self.model
            for name in condition.field_expr.split("."):
                field = model._fields.get(name) if model is not None else None
                if field is None:
                    break
                reads.append((model._name, name))
                model = self.model.env[field.comodel_name] if field.comodel_name else None
            self.add(tuple(reads))

    def watched(self):
        """(fields of the model itself, ((comodel, column, fields), ...)) from all that was read."""
        own, hops = set(), {}
        for reads in map(self._expand, self.found):
            for position, (_model_name, name) in enumerate(reads[:2]):
                if position == 0:
                    own.add(name)
                elif self.model._fields[reads[0][1]].type == "many2one" and self.model._fields[reads[0][1]].store:
                    hops.setdefault((reads[1][0], reads[0][1]), set()).add(name)
        own.discard("id")
        return frozenset(own), tuple((name, column, frozenset(names)) for (name, column), names in hops.items())

    def _expand(self, reads):
        """A related field that is not stored changes when what it is related to changes."""
        if not reads:
            return reads
        field = self.model._fields[reads[0][1]]
        if field.store or not field.related:
            return reads
        model, chain = self.model, []
        for name in field.related.split("."):
            chain.append((model._name, name))
            comodel = model._fields[name].comodel_name
            model = self.model.env[comodel] if comodel else None
        return (*chain, *reads[1:])
