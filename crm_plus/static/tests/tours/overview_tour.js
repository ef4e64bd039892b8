import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_plus_overview_tour", {
    steps: () => [
        { trigger: ".o_crm_figure_customers .o_crm_figure_open" },
        { content: "a figure over time", trigger: ".o_crm_figure_customers .o_crm_figure_course", run: "click" },
        { trigger: ".o_crm_course_line details summary" },
        { content: "choose cards", trigger: ".o_crm_choose_cards", run: "click" },
        { trigger: ".modal .o_crm_card_channels .form-check-input", run: "click" },
        { trigger: ".modal .o_crm_card_funnel .o_crm_card_up", run: "click" },
        { trigger: ".modal .o_crm_keep_mine", run: "click" },
        { trigger: "body:not(:has(.o_crm_card_of_channels)) .o_crm_card_of_funnel" },
        {
            content: "a card that comes into view",
            trigger: ".o_crm_card_of_answers",
            run: ({ anchor }) => anchor.scrollIntoView(),
        },
        { trigger: ".o_crm_card_of_answers .o_crm_row_bars_empty, .o_crm_card_of_answers .o_crm_row_bars" },
        { content: "its records", trigger: ".o_crm_figure_customers .o_crm_figure_open", run: "click" },
        { trigger: ".o_list_view .o_data_row:nth-child(2) td.o_data_cell", run: "click" },
        { content: "one goes on from there", trigger: ".o_form_view .o_pager_counter:contains(/ 3)" },
        { trigger: ".o_form_view .o_pager_next", run: "click" },
        { trigger: ".o_form_view .o_pager_value:contains(3)" },
    ],
});
