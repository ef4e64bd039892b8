import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// Milliseconds for what 300 customers take on a busy machine.
const PATIENCE = 60_000;

// The walk of docs/story.md.
registry.category("web_tour.tours").add("crm_plus_story", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        { trigger: ".o_app[data-menu-xmlid='crm.crm_menu_root']", run: "click" },
        { trigger: "button[data-menu-xmlid='crm_plus.crm_customer_menu']", run: "click" },
        { trigger: "a[data-menu-xmlid='crm_plus.crm_segment_map_menu']", run: "click" },
        {
            content: "Those who bought often and stay away",
            trigger: ".o_crm_tile[data-scores='25']",
            run: "click",
        },
        {
            content: "On top is who brought most",
            trigger: ".o_list_view .o_data_row:first .o_data_cell:contains(Aurora Coffee House)",
            run: "click",
        },
        { trigger: ".o_form_view .o_crm_glance .o_crm_glance_segment button", timeout: PATIENCE },
        { content: "What is behind the figures", trigger: ".o_crm_glance_more", run: "click" },
        { trigger: ".o_crm_glance_details .o_crm_spark_bars", timeout: PATIENCE },
        {
            content: "What happened",
            trigger: ".o_notebook .nav-link[name=crm_timeline]",
            run: "click",
        },
        { trigger: ".o_crm_timeline_entry:contains(Nobody called back)", timeout: PATIENCE },
        { trigger: ".o_crm_timeline_entry:contains(Asks for prices of two new houses)" },
        {
            content: "The lead that waits",
            trigger: "button[data-menu-xmlid='crm.crm_menu_sales']",
            run: "click",
        },
        { trigger: "a[data-menu-xmlid='crm_plus.crm_lead_menu_attention']", run: "click" },
        {
            content: "Of all salespeople",
            trigger: ".o_searchview_facet .o_facet_remove",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_cell:contains(Two new houses)", run: "click" },
        { trigger: ".o_crm_score_card .o_crm_score_toggle", run: "click", timeout: PATIENCE },
        { trigger: ".o_crm_score_card .o_crm_score_why:contains(Bought before)", timeout: PATIENCE },
        {
            content: "Whom else it concerns",
            trigger: "button[data-menu-xmlid='crm_plus.crm_customer_menu']",
            run: "click",
        },
        { trigger: "a[data-menu-xmlid='crm_plus.crm_segment_map_menu']", run: "click" },
        { trigger: ".o_crm_tab_movement", run: "click" },
        { trigger: ".o_crm_movement_summary", timeout: PATIENCE },
        {
            content: "What a company with its own data does first",
            trigger: "button[data-menu-xmlid='crm.crm_menu_config']",
            run: "click",
        },
        { trigger: "a[data-menu-xmlid='crm_plus.crm_start_menu']", run: "click" },
        { trigger: ".o_crm_start_sample[data-state='done'] .o_crm_start_map", run: "click" },
        { trigger: ".o_crm_map_body" },
    ],
});
