import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

/** Whatever is downloaded from here on is fetched, and noted on the page: which workbook, and whether there was one. */
const follow = () => {
    browser.open = async (url) => {
        const answer = await fetch(url);
        const [, name] = /\/(\w+)\.xlsx/.exec(url);
        const isBook = answer.ok && answer.headers.get("Content-Type").includes("spreadsheetml");
        document.body.dataset[name] = isBook ? "downloaded" : `failed: ${answer.status}`;
    };
};

registry.category("web_tour.tours").add("crm_plus_segments_compared", {
    steps: () => [
        { content: "over time", trigger: ".o_crm_segment_courses .o_crm_course_of_customers .o_crm_course_key_0" },
        { trigger: "body:not(:has(.o_crm_course_key_1)) .o_crm_compare_with input", run: "edit Compared" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Compared)", run: "click" },
        {
            content: "beside another",
            trigger: ".o_crm_course_of_customers:has(.o_crm_course_key_1):contains(Compared)",
        },
        { trigger: ".o_crm_course_of_revenue details summary", run: "click" },
        { trigger: ".o_crm_course_of_revenue details[open] thead th:contains(Compared)" },
    ],
});

registry.category("web_tour.tours").add("crm_plus_map_exports", {
    steps: () => [
        { trigger: ".o_crm_map_body .o_crm_export", run: follow },
        { content: "the map as a workbook", trigger: ".o_crm_map_body .o_crm_export", run: "click" },
        { trigger: "body[data-segment_map='downloaded']" },
        { trigger: ".o_crm_tab_movement", run: "click" },
        { trigger: ".o_crm_movement_summary" },
        { content: "who moved", trigger: ".o_crm_movement .o_crm_export", run: "click" },
        { trigger: "body[data-movement='downloaded']" },
        { trigger: ".o_crm_tab_retention", run: "click" },
        { content: "two years", trigger: ".o_crm_retention button:contains(24 months)", run: "click" },
        { content: "retention", trigger: ".o_crm_retention .o_crm_export", run: "click" },
        { trigger: "body[data-retention='downloaded']" },
    ],
});
