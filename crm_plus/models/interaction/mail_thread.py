from odoo import models

from ...engine.interaction.automatic_mail import is_automatic


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_parse_extract_bounce(self, email_message, message_dict):
        """What the headers of a mail say about who wrote it is known here only."""
        found = super()._message_parse_extract_bounce(email_message, message_dict)
        return {**found, "crm_is_automatic": True} if is_automatic(email_message.items()) else found

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {"crm_is_automatic"}

    def _message_create(self, values_list):
        automatic = [values.pop("crm_is_automatic", False) for values in values_list]
        messages = super()._message_create(values_list)
        if any(automatic):
            # sudo: whoever the mail gateway works as
            marked = [message.id for message, is_marked in zip(messages, automatic, strict=True) if is_marked]
            messages.browse(marked).sudo().crm_is_automatic = True
        return messages
