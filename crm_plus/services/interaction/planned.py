"""What is still to come with a customer or about a lead: meetings and open activities."""

from odoo import fields
from odoo.fields import Domain

from .texts import open_meetings

SHOWN = 5


def of(timeline):
    """``{"rows": [...], "more": number}`` of a `Timeline`, soonest first, as far as its reader may see."""
    env = timeline.env
    today = fields.Date.context_today(timeline.interactions)
    meetings, activities = _meetings(timeline, today), _activities(timeline)
    rows = [_meeting_row(meeting) for meeting in env["calendar.event"].search(meetings, order="start, id", limit=SHOWN)]
    open_activities = env["mail.activity"].search(activities, order="date_deadline, id", limit=SHOWN)
    rows += [_activity_row(activity, today) for activity in open_activities]
    count = env["calendar.event"].search_count(meetings) + env["mail.activity"].search_count(activities)
    rows.sort(key=lambda row: row["day"] or row["date"])
    return {"rows": rows[:SHOWN], "more": max(count - SHOWN, 0)}


def _meetings(timeline, today):
    """Those the customer takes part in, and those about its leads, whoever takes part."""
    leads = _leads(timeline).ids
    about = Domain("opportunity_id", "in", leads)
    about |= Domain("res_model", "=", "crm.lead") & Domain("res_id", "in", leads)
    if timeline.column == "partner_id":
        about |= Domain("partner_ids", "in", timeline.ids)
    to_come = Domain("allday", "=", False) & Domain("start", ">", fields.Datetime.now())
    to_come |= Domain("allday", "=", True) & Domain("start_date", ">", today)
    return about & to_come


def _leads(timeline):
    if timeline.column == "lead_id":
        return timeline.env["crm.lead"].browse(timeline.ids)
    # Readers may not open leads.
    leads = timeline.env["crm.lead"]
    return leads.search([("partner_id", "in", timeline.ids)]) if leads.has_access("read") else leads


def _activities(timeline):
    """Those of the customer, its contacts and their leads, or of the lead; a meeting stands for its own."""
    about = Domain("res_model", "=", "crm.lead") & Domain("res_id", "in", _leads(timeline).ids)
    if timeline.column == "partner_id":
        about |= Domain("res_model", "=", "res.partner") & Domain("res_id", "in", timeline.ids)
    return about & Domain("calendar_event_id", "=", False)


def _meeting_row(meeting):
    # of what is private to others only its time is shown
    is_private = not open_meetings(meeting)
    return {
        "key": f"meeting-{meeting.id}",
        "kind": "meeting",
        "date": fields.Datetime.to_string(meeting.start),
        "day": meeting.allday and fields.Date.to_string(meeting.start_date),
        "name": not is_private and meeting.name,
        "is_private": is_private,
        "is_late": False,
        "user": meeting.user_id.sudo().name or False,  # sudo: the name of a colleague
        "document": not is_private and {"model": "calendar.event", "id": meeting.id},
    }


def _activity_row(activity, today):
    return {
        "key": f"activity-{activity.id}",
        "kind": "activity",
        "date": False,
        "day": fields.Date.to_string(activity.date_deadline),
        "name": activity.summary or activity.activity_type_id.name,
        "is_private": False,
        "is_late": activity.date_deadline < today,
        "user": activity.user_id.sudo().name or False,  # sudo: the name of a colleague
        "document": {"model": activity.res_model, "id": activity.res_id},
    }
