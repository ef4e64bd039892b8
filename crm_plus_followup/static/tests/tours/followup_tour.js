import { registry } from "@web/core/registry";

const SAVE = { trigger: ".o_form_view .o_form_button_save", run: "click" };
const SAVED = { trigger: ".o_form_view .o_form_saved, .o_form_view:not(:has(.o_form_dirty))" };

registry.category("web_tour.tours").add("crm_plus_followup_audience_and_rule", {
    steps: () => [
        { trigger: ".o_list_view .o_list_button_add", run: "click" },
        { content: "whom", trigger: ".o_field_widget[name=name] :is(input, textarea)", run: "edit All of the tour" },
        SAVE,
        SAVED,
        {
            content: "who that is now",
            trigger: ".o_field_widget[name=member_count]:contains(2)",
        },
        { content: "is followed up", trigger: "button[name=action_follow_up]", run: "click" },
        {
            content: "by a rule",
            trigger: ".o_form_view .o_field_widget[name=audience_id]:contains(All of the tour), .o_form_view .o_field_widget[name=audience_id] input:value(All of the tour)",
        },
        { trigger: ".o_field_widget[name=name] :is(input, textarea)", run: "edit Call them" },
        { content: "in steps", trigger: ".o_field_widget[name=step_ids] .o_field_x2many_list_row_add a", run: "click" },
        { trigger: ".modal .o_field_widget[name=activity_type_id] input", run: "edit To-Do" },
        { trigger: ".o-autocomplete--dropdown-item:contains(To-Do)", run: "click" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_field_widget[name=step_ids] .o_data_row" },
        SAVE,
        SAVED,
        { content: "it contacts nobody yet", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Draft)" },
        { content: "whom it would reach", trigger: "button[name=action_preview]", run: "click" },
        { trigger: ".modal .o_form_view, .o_list_view" },
    ],
});

registry.category("web_tour.tours").add("crm_plus_followup_today", {
    steps: () => [
        { content: "who waits", trigger: ".o_list_view .o_data_row:contains(Ask)" },
        { content: "log the call", trigger: ".o_data_row:contains(Ask) button[name=action_log]", run: "click" },
        { trigger: ".modal .o_form_view .o_field_widget[name=name]" },
        { trigger: ".modal .btn-close, .modal .o_form_button_cancel", run: "click" },
        {
            content: "done is done",
            trigger: "body:not(:has(.modal)) .o_data_row:contains(Ask) button[name=action_done]",
            run: "click",
        },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains(Ask)))" },
        { content: "another one in a week", trigger: ".o_data_row:first button[name=action_snooze]", run: "click" },
        { content: "nobody is left", trigger: ".o_view_nocontent_smiling_face" },
    ],
});
