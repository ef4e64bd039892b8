from odoo import models


class CrmTouchedQueueMixin(models.AbstractModel):
    """A queue of what a capture touches: it is filled by the statement that captures, in the user's transaction, with
    the customers and leads that have an interaction now or have lost one.

    A queue has no references and is only ever inserted into by users, so that nobody waits for who takes from it.
    """

    _name = "crm.touched.queue.mixin"
    _description = "Queue of what a capture touches"

    # What is queued: "partner_id", "lead_id" or both.
    _touched_columns = ()
    # The setting of a source that has to be on; None: every source fills it.
    _touched_by = None
