import { Component } from "@odoo/owl";

import { momentOf } from "@crm_plus/interaction/timeline/timeline_rows";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const ICONS = { meeting: "fa-calendar", activity: "fa-clock-o" };

/** What is still to come, soonest first; it stands above the history and is no part of it. */
export class PlannedList extends Component {
    static template = "crm_plus.PlannedList";
    static props = { rows: Array, more: Number, dayLabel: Function };

    setup() {
        this.action = useService("action");
    }

    icon(row) {
        return ICONS[row.kind];
    }

    name(row) {
        return row.is_private ? _t("Private") : row.name || _t("Planned");
    }

    when(row) {
        const at = momentOf(row);
        const day = this.props.dayLabel(at.startOf("day"));
        return row.day ? day : _t("%(day)s, %(time)s", { day, time: at.toLocaleString(luxon.DateTime.TIME_SIMPLE) });
    }

    get moreText() {
        const count = this.props.more;
        return count === 1 ? _t("1 more is planned.") : _t("%(count)s more are planned.", { count });
    }

    openDocument(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: row.document.model,
            res_id: row.document.id,
            views: [[false, "form"]],
        });
    }
}
