SHARED = (
    ("mail.message", "mail_notification", "mail_message_id", ("email_out", "sms_out")),
    ("calendar.event", "calendar_attendee", "event_id", ("meeting",)),
)


def migrate(cr, version):
    """What rows of one message or meeting share; whatever else is captured anew by the check that runs soon."""
    for name, table, column, codes in SHARED:
        cr.execute(  # pylint: disable=sql-injection  # constants
            f"""UPDATE crm_interaction i SET shared_ref = %s || r.{column}
                  FROM {table} r, crm_interaction_source s
                 WHERE r.id = i.res_id AND s.id = i.source_id AND s.code IN %s AND i.shared_ref IS NULL""",
            (f"{name},", codes),
        )
