from lxml import etree
from odoo.tests import TransactionCase, tagged

NUMBERS = ("integer", "float", "monetary")
# Numbers that say how something is drawn or ordered.
DRAWN = ("color", "sequence")
HANDLES = ("handle", "color", "color_picker")


def is_shown(node):
    """Whether a field of a view may be seen."""
    hidden = ("1", "True", "true")
    return node.get("invisible") not in hidden and node.get("column_invisible") not in hidden


def is_explained_by_view(node):
    """Whether the view explains the number: itself, or where it stands in the settings."""
    return bool(node.get("help")) or any(parent.get("help") for parent in node.iterancestors("setting"))


@tagged("post_install", "-at_install")
class TestExplainedFigures(TransactionCase):
    """Every number of ours on lists, forms and cards has a tooltip: what it is, from what, how it changes."""

    def ours(self, field):
        return any(module.startswith("crm_plus") for module in field._modules)

    def model_of(self, node, model):
        """The model whose field a node of a view is."""
        path = [parent.get("name") for parent in node.iterancestors("field") if parent.get("name")]
        for name in reversed(path):
            field = model._fields.get(name)
            model = self.env[field.comodel_name] if field is not None and field.comodel_name else None
            if model is None:
                return None
        return model

    def numbers(self):
        """(view, node, field): the numbers of ours that the views of the add-ons show."""
        data = self.env["ir.model.data"].search([("model", "=", "ir.ui.view"), ("module", "=like", "crm_plus%")])
        for view in self.env["ir.ui.view"].browse(data.mapped("res_id")):
            if view.model not in self.env or view.type in ("search", "qweb"):
                continue
            for node in etree.fromstring(view.arch).iter("field"):
                model = self.model_of(node, self.env[view.model])
                field = model is not None and model._fields.get(node.get("name"))
                if field and field.type in NUMBERS and self.ours(field) and is_shown(node):
                    yield view, node, field

    def test_every_number_explains_itself(self):
        found = list(self.numbers())
        self.assertGreater(len(found), 100)
        silent = {
            f"{field} ({field.string})"
            for _view, node, field in found
            if field.name not in DRAWN
            and node.get("widget") not in HANDLES
            and not field.help
            and not is_explained_by_view(node)
        }
        self.assertFalse(sorted(silent), "Numbers without a tooltip: give the field a help.")
