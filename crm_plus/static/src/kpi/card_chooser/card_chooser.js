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

/** Which cards the overview shows and in which order: for oneself or, as a manager, for one's sales teams. */
export class CardChooser extends Component {
    static template = "crm_plus.CardChooser";
    static components = { Dialog };
    static props = {
        cards: { type: Array, element: String },
        labels: Object, // the name of every card that there is
        origin: String,
        team: [String, { value: false }],
        teams: { type: Array, element: { type: Object, shape: { id: Number, name: String } } }, // those of the user
        isManager: Boolean,
        onKept: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        const rows = cardRows(this.props.cards, Object.keys(this.props.labels));
        this.state = useState({ rows, teamIds: this.props.teams.map(({ id }) => id) });
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

    toggleTeam(id) {
        const ids = this.state.teamIds;
        this.state.teamIds = ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
    }

    async keep(cards, teamIds = []) {
        const kept = await this.orm.call("crm.kpi.day", "set_overview_cards", [cards, teamIds]);
        this.props.onKept(kept);
        this.props.close();
    }
}
