import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { useService } from "@web/core/utils/hooks";

/**
 * The cards that are shown first, in their order, then the others.
 *
 * @param {string[]} shown
 * @param {string[]} all
 * @returns {{ name: string, isShown: boolean }[]}
 */
export function cardRows(shown, all) {
    const rest = all.filter((name) => !shown.includes(name));
    return [...shown, ...rest].map((name) => ({ name, isShown: shown.includes(name) }));
}

/** Which cards the overview shows and in which order: for oneself or, as a manager, for one's sales team. */
export class CardChooser extends Component {
    static template = "crm_plus.CardChooser";
    static components = { Dialog };
    static props = {
        cards: { type: Array, element: String },
        labels: Object, // the name of every card that there is
        origin: String,
        team: [String, { value: false }],
        isManager: Boolean,
        onKept: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ rows: cardRows(this.props.cards, Object.keys(this.props.labels)) });
    }

    get chosen() {
        return this.state.rows.filter(({ isShown }) => isShown).map(({ name }) => name);
    }

    move(index, by) {
        const [row] = this.state.rows.splice(index, 1);
        this.state.rows.splice(index + by, 0, row);
    }

    toggle(row) {
        row.isShown = !row.isShown;
    }

    async keep(cards, forTeam = false) {
        const kept = await this.orm.call("crm.kpi.day", "set_overview_cards", [cards, forTeam]);
        this.props.onKept(kept);
        this.props.close();
    }
}
