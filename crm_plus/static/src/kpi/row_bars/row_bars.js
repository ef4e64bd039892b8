import { Component } from "@odoo/owl";

import { Why } from "@crm_plus/shared/why/why";

/** A table whose rows have bars in proportion to their size: picture and numbers in one; a row opens what it counts. */
export class RowBars extends Component {
    static template = "crm_plus.RowBars";
    static components = { Why };
    static props = {
        name: String,
        heads: { type: Array, element: Object }, // { label, why }: what the numbers below it are
        rows: { type: Array, element: Object }, // { key, label, size, cells, why?, isClosed? }
        onOpen: Function,
    };

    get largest() {
        return Math.max(1, ...this.props.rows.map(({ size }) => size));
    }

    width(row) {
        return `${((100 * row.size) / this.largest).toFixed(1)}%`;
    }
}
