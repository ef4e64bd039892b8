"""What customers answered when a survey asked how likely they would recommend us."""

from odoo.fields import Domain
from odoo.tools import SQL

# The answers that are on the timeline as well: not those of tests, nor of surveys that only some users may see.
ANSWERED = Domain(
    [
        ("state", "=", "done"),
        ("test_entry", "=", False),
        ("survey_id.survey_type", "in", ["survey", "live_session", "assessment", "custom"]),
        ("survey_id.restrict_user_ids", "=", False),
        ("partner_id.partner_share", "=", True),
    ]
)


def answers(env, condition=None):
    """SELECT of (id, partner_id, customer_id, moment, score) of the answers that meet a condition on ``c``, the
    contact who answered, ``i``, the survey they filled in, or ``l``, the line of it."""
    # sudo: a number from 0 to 10 of contacts whom the caller may know; of no survey, and with no word of its text
    inputs = env["survey.user_input"].sudo().with_context(active_test=False)._search(ANSWERED)
    for model in ("survey.user_input", "survey.user_input.line", "survey.question"):
        env[model].flush_model()
    return SQL(
        """SELECT l.id, i.partner_id, c.commercial_partner_id AS customer_id,
                  COALESCE(i.end_datetime, i.create_date) AS moment, l.value_scale AS score
             FROM survey_user_input_line l JOIN survey_question q ON q.id = l.question_id AND q.crm_plus_nps
             JOIN survey_user_input i ON i.id = l.user_input_id JOIN res_partner c ON c.id = i.partner_id
            WHERE l.answer_type = 'scale' AND l.skipped IS NOT TRUE AND i.id IN %s AND %s""",
        inputs.subselect(),
        condition or SQL("TRUE"),
    )


def last_answers(env, condition=None):
    """SELECT of (customer_id, score, moment): the last answer of each customer, of all of their contacts."""
    return SQL(
        """SELECT DISTINCT ON (customer_id) customer_id, score, moment FROM (%s) given
            ORDER BY customer_id, moment DESC, id DESC""",
        answers(env, condition),
    )
