import { Component } from "@odoo/owl";

import { numberText } from "@crm_plus/shared/texts";

/** A score from 0 to 100 as a bar with its number. */
export class ScoreMeter extends Component {
    static template = "crm_plus.ScoreMeter";
    static props = { label: String, value: Number, unit: { type: String, optional: true } };

    get text() {
        return numberText(this.props.value) + (this.props.unit ?? "");
    }

    get width() {
        return Math.min(Math.max(this.props.value, 0), 100);
    }
}
