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
            content: "The panel is on top of the form",
            trigger: ".o_form_view .o_crm_loyalty_panel .o_crm_loyalty_segment",
        },
        {
            content: "It says why",
            trigger: ".o_crm_rfm_part:contains(60 orders)",
            run: "hover",
        },
        { trigger: ".o_crm_why_lines:contains(Score 5 of 5)" },
        {
            content: "It can be folded away",
            trigger: ".o_crm_loyalty_toggle",
            run: "click",
        },
        { trigger: ".o_crm_loyalty_panel.o_collapsed:not(:has(.o_crm_loyalty_body))" },
        { trigger: ".o_crm_loyalty_toggle", run: "click" },
        { trigger: ".o_crm_loyalty_panel .o_crm_spark_bars" },
    ],
});
