import { registry } from "@web/core/registry";

const FIRST = ".o_crm_timeline_day:first-child .o_crm_timeline_entry:first-child";

registry.category("web_tour.tours").add("crm_plus_timeline", {
    steps: () => [
        {
            content: "The history is behind a tab of the customer",
            trigger: "a[name=crm_timeline]",
            run: "click",
        },
        {
            content: "The newest is on top, the figures follow",
            trigger: `${FIRST} .o_crm_timeline_summary:contains(Entry 60)`,
        },
        { trigger: ".o_crm_timeline_total:contains(60 interactions)" },
        {
            content: "Scroll down for more",
            trigger: ".o_crm_timeline_scroll:not(:contains(Entry 1 of))",
            run() {
                this.anchor.scrollTop = this.anchor.scrollHeight;
            },
        },
        { trigger: ".o_crm_timeline_scroll .o_crm_timeline_summary:contains(Entry 1 of)" },
        {
            content: "Filter by channel",
            trigger: ".o_crm_filter_channel",
            run: "click",
        },
        { trigger: ".o-dropdown-item:contains(Visit)", run: "click" },
        { trigger: ".o_crm_timeline_scroll:not(:contains(Entry 60)):contains(Entry 59)" },
        { trigger: ".o_crm_filter_clear", run: "click" },
        { trigger: `${FIRST}:contains(Entry 60)` },
        {
            content: "Search",
            trigger: ".o_crm_timeline_search input",
            run: "edit Entry 33",
        },
        { trigger: `.o_crm_timeline_scroll:not(:contains(Entry 60)) ${FIRST}:contains(Entry 33)` },
        { trigger: ".o_crm_filter_clear", run: "click" },
        { trigger: `${FIRST}:contains(Entry 60)` },
        {
            content: "Log a call",
            trigger: ".o_crm_timeline_log",
            run: "click",
        },
        {
            content: "What it was about comes first, and has the focus",
            trigger: ".modal .o_field_widget[name=name] input:focus",
            run: "edit Asked for a sample",
        },
        {
            trigger: ".modal .o_field_widget[name=duration] input",
            run: "edit 0:15",
        },
        { trigger: ".modal button[name=action_log]", run: "click" },
        { trigger: `body:not(:has(.modal)) ${FIRST}:contains(Asked for a sample):contains(15 minutes)` },
        { trigger: ".o_crm_timeline_total:contains(61 interactions)" },
        {
            content: "Correct it",
            trigger: `${FIRST} .o_crm_timeline_edit`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input:value(Asked for a sample)",
            run: "edit Asked for two samples",
        },
        { trigger: ".modal button[name=action_log]:contains(Save)", run: "click" },
        { trigger: `body:not(:has(.modal)) ${FIRST}:contains(Asked for two samples)` },
        {
            content: "Delete it",
            trigger: `${FIRST} .o_crm_timeline_delete`,
            run: "click",
        },
        { trigger: ".modal .btn-danger", run: "click" },
        { trigger: `body:not(:has(.modal)) ${FIRST}:contains(Entry 60)` },
        { trigger: ".o_crm_timeline_total:contains(60 interactions)" },
    ],
});

registry.category("web_tour.tours").add("crm_plus_log_on_lead", {
    steps: () => [
        {
            trigger: ".o_form_view header button:contains(Log interaction), .o_form_statusbar button:contains(Log interaction)",
            run: "click",
        },
        { trigger: ".modal .o_radio_item:contains(Visit) input", run: "click" },
        { trigger: ".modal .o_field_widget[name=name] input", run: "edit Saw the workshop" },
        { trigger: ".modal .o_field_widget[name=next_activity_type_id] input", run: "edit To-Do" },
        { trigger: ".o-autocomplete--dropdown-item:contains(To-Do)", run: "click" },
        { trigger: ".modal .o_field_widget[name=next_summary] input", run: "edit Send the offer" },
        { trigger: ".modal button[name=action_log]", run: "click" },
        {
            content: "The next step is an activity of the lead",
            trigger: "body:not(:has(.modal)) .o-mail-Activity:contains(Send the offer)",
        },
        { trigger: "a[name=crm_timeline]", run: "click" },
        { trigger: `${FIRST}:contains(Saw the workshop) .fa-map-marker` },
    ],
});
