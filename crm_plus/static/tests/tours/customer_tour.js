import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("crm_plus_segment_map", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        { trigger: ".o_app[data-menu-xmlid='crm.crm_menu_root']", run: "click" },
        { trigger: "button[data-menu-xmlid='crm_plus.crm_customer_menu']", run: "click" },
        { trigger: "a[data-menu-xmlid='crm_plus.crm_segment_map_menu']", run: "click" },
        {
            content: "Each of the other pictures can be looked at",
            trigger: ".o_crm_tab_movement",
            run: "click",
        },
        { trigger: ".o_crm_movement_summary", },
        { trigger: ".o_crm_tab_retention", run: "click" },
        { trigger: ".o_crm_retention" },
        { trigger: ".o_crm_tab_pareto", run: "click" },
        { trigger: ".o_crm_pareto_headline" },
        { trigger: ".o_crm_tab_map", run: "click" },
        {
            content: "By revenue",
            trigger: ".o_crm_by_revenue",
            run: "click",
        },
        {
            content: "The best customers are in the corner",
            trigger: ".o_crm_tile[data-scores='55']",
            run: "click",
        },
        {
            content: "Open one of them",
            trigger: ".o_list_view .o_data_cell:contains(Miller's Mill)",
            run: "click",
        },
        {
            content: "The card is on top of the form",
            trigger: ".o_form_view .o_crm_glance .o_crm_glance_segment button",
        },
        {
            content: "It says why",
            trigger: ".o_crm_glance_worth:contains(60 orders)",
            run: "hover",
        },
        { trigger: ".o_crm_why_lines:contains(Revenue before tax)" },
        {
            content: "The details are one click away",
            trigger: ".o_crm_glance_more",
            run: "click",
        },
        { trigger: ".o_crm_glance_details .o_crm_spark_bars" },
        {
            content: "Scores say why as well",
            trigger: ".o_crm_rfm_part:contains(Frequency)",
            run: "hover",
        },
        { trigger: ".o_crm_why_lines:contains(Score 5 of 5)" },
        {
            content: "What was known on a past day",
            trigger: ".o_crm_glance_choose",
            run: "click",
        },
        {
            trigger: ".o_crm_glance_date",
            run: "edit 01/15/2024 && press Enter",
        },
        { trigger: ".o_crm_glance_past .o_crm_glance_risk:contains(Not known)" },
        { trigger: ".o_crm_glance_today", run: "click" },
        { trigger: ".o_crm_glance:not(.o_crm_glance_past) .o_crm_glance_action" },
        {
            content: "It can be folded away",
            trigger: ".o_crm_glance_toggle",
            run: "click",
        },
        { trigger: ".o_crm_glance.o_collapsed:not(:has(.o_crm_glance_body))" },
        { trigger: ".o_crm_glance_toggle", run: "click" },
        {
            content: "A figure opens its records",
            trigger: ".o_crm_glance_worth button",
            run: "click",
        },
        {
            content: "Which can be stepped through",
            trigger: ".o_list_view .o_data_row:first .o_data_cell[name=name]",
            run: "click",
        },
        { trigger: ".o_form_view .o_pager_limit:contains(60)" },
        {
            content: "The contact of an order shows the card, too",
            trigger: ".o_field_widget[name=partner_id] .o_many2one",
            run: "hover",
        },
        { trigger: ".o_crm_glance_hover .o_crm_glance_worth:contains(60 orders)" },
    ],
});
