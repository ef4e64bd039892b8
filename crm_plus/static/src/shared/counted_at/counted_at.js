import { Component } from "@odoo/owl";

import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

/**
 * When what is shown was counted, with a button to count it again; nothing when it was counted just now.
 *
 * `kept` is a moment as the server writes it, in UTC, or false.
 */
export class CountedAt extends Component {
    static template = "crm_plus.CountedAt";
    static props = { kept: { type: [String, Boolean], optional: true }, onAgain: Function };

    get text() {
        const time = toLocaleDateTimeString(deserializeDateTime(this.props.kept), { showDate: false });
        return _t("Counted at %s", time);
    }
}
