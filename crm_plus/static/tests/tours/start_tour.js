import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("crm_plus_start", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        { trigger: ".o_app[data-menu-xmlid='crm.crm_menu_root']", run: "click" },
        { trigger: "button[data-menu-xmlid='crm.crm_menu_config']", run: "click" },
        { trigger: "a[data-menu-xmlid='crm_plus.crm_start_menu']", run: "click" },
        { trigger: ".o_crm_start_history[data-state]" },
        {
            content: "What only people know is marked by hand",
            trigger: ".o_crm_start_readers[data-state='open'] .o_crm_start_mark",
            run: "click",
        },
        { trigger: ".o_crm_start_readers[data-state='done']" },
        {
            content: "The list can be put away, and comes back",
            trigger: ".o_crm_start_hide",
            run: "click",
        },
        { trigger: ".o_crm_start:not(:has(.list-group)) .o_crm_start_show", run: "click" },
        {
            content: "A button leads to where the step is done",
            trigger: ".o_crm_start_tiers button:contains(Tiers)",
            run: "click",
        },
        { trigger: ".o_breadcrumb:contains(Tiers)" },
    ],
});
