import { Component } from "@odoo/owl";

import { liftRows } from "@crm_plus/prediction/lift_table/lift_rows";
import { numberText, shareText } from "@crm_plus/shared/texts";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What working on the most promising leads first is worth: wins by tenth of the leads. */
export class LiftTable extends Component {
    static template = "crm_plus.LiftTable";
    static props = { ...standardFieldProps };

    get lift() {
        return liftRows(this.props.record.data[this.props.name]?.lift ?? []);
    }

    /** What the best fifth is worth, in a sentence. */
    summary(rows) {
        return rows.length === 10
            ? _t("The most promising fifth of leads accounts for %(share)s of all wins.", { share: this.percent(rows[1].wins) })
            : "";
    }

    times(lift) {
        return _t("%s ×", numberText(lift, 1));
    }

    percent(share) {
        return shareText(share);
    }
}

registry.category("fields").add("crm_lift", {
    component: LiftTable,
    displayName: _t("Lift by tenth"),
    supportedTypes: ["json"],
});
