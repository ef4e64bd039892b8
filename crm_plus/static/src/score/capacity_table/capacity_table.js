import { Component } from "@odoo/owl";

import { capacityRows } from "@crm_plus/score/capacity_table/capacity_rows";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const MARKS = { cutoff: _t("threshold"), current: _t("hot now") };

/** How many leads a week reach each score, in all and for each salesperson. */
export class CapacityTable extends Component {
    static template = "crm_plus.CapacityTable";
    static props = { ...standardFieldProps };

    get steps() {
        const steps = this.props.record.data[this.props.name];
        return steps && capacityRows(steps);
    }

    get capacityText() {
        const { capacity } = this.props.record.data[this.props.name];
        return _t("The dashed line is the team's capacity: %s leads per week.", this.number(capacity));
    }

    marks(row) {
        return row.marks.map((mark) => ({ mark, text: MARKS[mark] }));
    }

    number(value, digits = 0) {
        return formatFloat(value, { digits: [16, digits], trailingZeros: false });
    }
}

registry.category("fields").add("crm_capacity_table", {
    component: CapacityTable,
    displayName: _t("Leads per week by score"),
    supportedTypes: ["json"],
});
