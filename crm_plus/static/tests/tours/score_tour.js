import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_plus_score_card", {
    steps: () => [
        {
            content: "Grade and scores stand above the tabs",
            trigger: ".o_crm_score_card .o_crm_grade",
        },
        {
            content: "There is no prediction, and the card says why",
            trigger: ".o_crm_score_unpredicted:contains(No version has been trained)",
        },
        { content: "Ask why", trigger: ".o_crm_score_toggle", run: "click" },
        {
            content: "The rule, and the events behind it",
            trigger: ".o_crm_score_events:contains(Calls of the test)",
            run: "click",
        },
        { trigger: ".o_crm_score_hidden:contains(1 event on a document you have no access to)" },
        { content: "Open the events one may see", trigger: ".o_crm_score_open", run: "click" },
        { trigger: ".o_list_view:not(:contains(Secret)) .o_data_row:contains(Asked for a sample)" },
        { content: "Back to the lead", trigger: ".o_back_button, .breadcrumb-item a:last", run: "click" },
        { trigger: ".o_crm_score_events:contains(Calls of the test)", run: "click" },
        {
            content: "Open the event",
            trigger: ".o_crm_score_event button:contains(Asked for a sample)",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=display_name]:contains(Asked for a sample)" },
    ],
});
