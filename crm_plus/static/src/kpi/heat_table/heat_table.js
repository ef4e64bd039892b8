import { Component } from "@odoo/owl";

import { strength } from "@crm_plus/kpi/overview/overview_rows";

// So that the number can still be read.
const DARKEST = 0.45;

/** A table whose cells are the darker the more they hold: picture and numbers in one; a cell opens what it counts. */
export class HeatTable extends Component {
    static template = "crm_plus.HeatTable";
    static props = {
        name: String,
        total: String, // the head of the sums
        columns: { type: Array, element: Object }, // { key, label }
        rows: { type: Array, element: Object }, // { key, label, sum, cells: [number] }
        text: Function, // what a number is written as
        onOpen: Function, // (key of the row, key of the column or null)
    };

    /** One hue from light to dark, which everybody can tell apart; the number stands in the cell. */
    style(value) {
        return `background-color: rgba(11, 106, 162, ${(DARKEST * strength(value, this.props.rows)).toFixed(2)})`;
    }
}
