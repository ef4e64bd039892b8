import { registry } from "@web/core/registry";

/** The card of a customer beside the field that names them, for the pointer that rests there. */
registry.category("web_tour.tours").add("crm_plus_glance", {
    steps: () => [
        { trigger: ".o_field_widget[name=partner_id] .o_many2one", run: "hover" },
        {
            content: "who it is",
            trigger: ".o_crm_glance_hover:contains(Miller's Mill) .o_crm_glance_figure",
        },
        { content: "whatever is pressed, it goes", trigger: ".o_field_widget[name=name] :is(input, textarea)", run: "click" },
        { trigger: "body:not(:has(.o_crm_glance_hover)) .o_field_widget[name=partner_id]" },
    ],
});
