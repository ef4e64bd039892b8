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

const BACK = { content: "back", trigger: ".o_back_button, .o_breadcrumb .breadcrumb-item a:last", run: "click" };

/** Scroll a card into view, so that it is counted. */
const look = (card) => ({
    trigger: `.o_crm_card_of_${card}`,
    run: ({ anchor }) => anchor.scrollIntoView(),
});

/** What a phone could not show: neither in the window nor in something that is scrolled by itself. */
function outside(root) {
    const isScrolled = (element) => element.closest(".table-responsive, svg, .visually-hidden");
    return [...root.querySelectorAll("*")].filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return width && !isScrolled(element) && (left < -1 || right > window.innerWidth + 1);
    });
}

registry.category("web_tour.tours").add("crm_plus_overview_phone", {
    steps: () => [
        { trigger: ".o_crm_overview_figure:nth-child(6)" },
        ...["answers", "retention", "concentration", "effort"].map(look),
        { trigger: ".o_crm_card_of_effort .o_crm_effort_early" },
        {
            content: "nothing is cut off",
            trigger: ".o_crm_overview",
            run: ({ anchor }) => {
                const cut = outside(anchor).map(({ className }) => className);
                if (cut.length) {
                    throw new Error(`Outside of the screen: ${cut.join("; ")}`);
                }
            },
        },
    ],
});

registry.category("web_tour.tours").add("crm_plus_overview_cards", {
    steps: () => [
        look("retention"),
        { content: "it is of whom the filters leave", trigger: ".o_crm_retention_counted:contains(filters leave)" },
        {
            content: "a cell opens whom it counts",
            trigger: ".o_crm_retention_cell:enabled:contains(100%):first",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Belgian):nth-child(2)" },
        { trigger: "body:not(:has(.o_data_row:contains(Elsewhere))) .o_list_view" },
        BACK,
        look("concentration"),
        { trigger: ".o_crm_card_of_concentration .o_crm_pareto_narrowed" },
        { content: "the best fifth of two is one", trigger: ".o_crm_pareto_headline", run: "click" },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains(Belgian 2))) .o_data_row:contains(Belgian 1)" },
        BACK,
        look("products"),
        { content: "what was bought by whom", trigger: ".o_crm_card_of_products .o_crm_heat_cell button", run: "click" },
        { trigger: ".o_list_view .o_data_row" },
        BACK,
        look("answers"),
        { trigger: ".o_crm_card_of_answers :is(.o_crm_row_bars, .o_crm_row_bars_empty)" },
        look("ways"),
        { trigger: ".o_crm_card_of_ways .o_crm_way_team", run: "click" },
        { trigger: ".o_crm_card_of_ways .o_crm_way_team[aria-pressed='true']" },
        look("forecast"),
        { content: "why there is no forecast", trigger: ".o_crm_card_of_forecast p" },
        look("effort"),
        { content: "when there will be something to tell", trigger: ".o_crm_card_of_effort .o_crm_effort_early" },
    ],
});

/** Count again what stands in a part of the page, and is kept from when the page was opened before. */
const again = (part) => [
    { content: "when it was counted", trigger: `${part} > .o_crm_counted_at:contains(Counted at)` },
    { trigger: `${part} > .o_crm_counted_at button:contains(Count again)`, run: "click" },
    { content: "now", trigger: `${part}:not(:has(> .o_crm_counted_at))` },
];

registry.category("web_tour.tours").add("crm_plus_overview_again", {
    steps: () => [
        { trigger: "body:not(:has(.o_crm_counted_at)) .o_crm_figure_customers .o_crm_figure_open" },
        look("answers"),
        { trigger: ".o_crm_card_of_answers :is(.o_crm_row_bars, .o_crm_row_bars_empty)" },
        look("concentration"),
        { trigger: ".o_crm_card_of_concentration .o_crm_pareto_headline" },
        { content: "away", trigger: ".o_crm_figure_customers .o_crm_figure_open", run: "click" },
        { trigger: ".o_list_view .o_data_row" },
        BACK,
        look("answers"),
        ...again(".o_crm_card_of_answers .o_crm_later_card > div"),
        look("concentration"),
        ...again(".o_crm_card_of_concentration [aria-busy]"),
        ...again(".o_crm_overview_filters + div"),
    ],
});
