"""Who may know what customers answered; see ``expectations.py`` of CRM Plus."""

READERS = "reader service own all manager foreign"

FIELDS = {
    "crm.customer.profile": {READERS: "nps_group"},
}
