from ..access.common import AccessCase

DATE = "2026-01-05T10:00:00+02:00"


class IngestCase(AccessCase):
    """Rows sent in, mostly by the key of a manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env.ref("crm_plus.source_ingest")
        cls.company.country_id = cls.env.ref("base.be")

    def row(self, ref="call-1", **values):
        given = {"external_ref": ref, "date": DATE, "email": "access@customer.example", "summary": "Call", **values}
        return {name: value for name, value in given.items() if value is not None}

    def ingest(self, *rows, by=None):
        return self.interactions(by or self.manager).ingest(list(rows))

    def one(self, by=None, **values):
        """The record of a row that lands."""
        (result,) = self.ingest(self.row(**values), by=by)
        self.assertFalse(result["error"])
        return self.env["crm.interaction"].browse(result["id"])

    def assertRefused(self, field, part="", by=None, **values):
        (result,) = self.ingest(self.row(**values), by=by)
        self.assertEqual((result["status"], result["field"], result["id"]), ("error", field, False))
        self.assertTrue(result["error"].startswith(f"{field}: "), result["error"])
        self.assertIn(part, result["error"])
