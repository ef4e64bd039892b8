import re
from pathlib import Path

import polib
from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

MODULES = (
    "crm_plus", "crm_plus_followup", "crm_plus_followup_loyalty", "crm_plus_loyalty", "crm_plus_mass_mailing",
    "crm_plus_mass_mailing_sms", "crm_plus_partnership", "crm_plus_sms", "crm_plus_spreadsheet_dashboard",
    "crm_plus_survey",
)  # fmt: skip
# %(name)s and %s with their formats, %%, {{ expressions }} and tags; a percent sign before a space is text
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+#0]*\d*(?:\.\d+)?[a-zA-Z]|%%|\{\{.*?\}\}|</?[a-zA-Z][^>]*>")
TRANSLATED_ATTRIBUTE = re.compile(r' (?:alt|aria-label|placeholder|title)="[^"]*"')


def placeholders(text):
    """What of a text a translation must repeat, in any order."""
    return sorted(TRANSLATED_ATTRIBUTE.sub("", part) for part in PLACEHOLDER.findall(text))


@tagged("post_install", "-at_install")
class TestTranslations(BaseCase):
    """Each language is complete, and what the program fills in stands in every translation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.templates, cls.languages = {}, {}
        for module in MODULES:
            folder = Path(file_path(f"{module}/i18n"))
            cls.templates[module] = {entry.msgid for entry in polib.pofile(str(folder / f"{module}.pot"))}
            cls.languages |= {(module, path.name): polib.pofile(str(path)) for path in folder.glob("*.po")}

    def test_persian_is_there(self):
        for module in MODULES:
            self.assertIn((module, "fa.po"), self.languages)

    def test_every_term_of_the_template_is_translated(self):
        for (module, name), language in self.languages.items():
            with self.subTest(module=module, language=name):
                self.assertFalse([entry.msgid for entry in language if not entry.msgstr.strip() or entry.fuzzy])
                self.assertEqual({entry.msgid for entry in language}, self.templates[module])

    def test_placeholders_are_kept(self):
        for (module, name), language in self.languages.items():
            for entry in language:
                with self.subTest(module=module, language=name, term=entry.msgid):
                    self.assertEqual(placeholders(entry.msgstr), placeholders(entry.msgid))

    def test_the_header_says_the_language_and_its_plurals(self):
        for module in MODULES:
            persian = self.languages[module, "fa.po"].metadata
            self.assertEqual(persian["Language"], "fa")
            self.assertEqual(persian["Plural-Forms"], "nplurals=2; plural=(n > 1);")
