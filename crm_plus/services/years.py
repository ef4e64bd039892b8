"""Years of dates that people enter: the host's lists cannot be grouped by the month of the first and the last day
there is."""

from odoo.exceptions import ValidationError

from ..engine.interaction.timeline_request import YEARS


def check_years(records, *names):
    """Raise a `ValidationError` that names the first of these date fields whose year is not in `YEARS`."""
    for name in names:
        if any(day.year not in YEARS for day in records.mapped(name) if day):
            raise ValidationError(
                records.env._(
                    "%(field)s: enter a date between the years %(first)s and %(last)s.",
                    field=records._fields[name].get_description(records.env, ["string"])["string"],
                    first=YEARS.start,
                    last=YEARS.stop - 1,
                )
            )
