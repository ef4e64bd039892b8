import { Component, useState } from "@odoo/owl";

import { dayText } from "@crm_plus/shared/calendar_day/calendar_day";
import { movesSummary } from "@crm_plus/loyalty/move_preview/moves_text";
import { usePreview } from "@crm_plus/shared/preview/use_preview";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const SHOWN = 10;

/** How many customers the segment, family or tier in the form would move, and from where to where. */
export class MovePreview extends Component {
    static template = "crm_plus.MovePreview";
    static props = { ...standardWidgetProps };

    setup() {
        this.shown = useState({ all: false });
        this.preview = usePreview(
            () => this.props.record,
            (orm, { resModel, resId }, changes) =>
                orm.call(resModel, "preview_changes", [resId ? [resId] : [], changes])
        );
    }

    get moves() {
        const moves = this.preview.result.moves || [];
        const most = moves[0]?.count;
        return moves.map((move, index) => ({
            ...move,
            key: index,
            countText: formatInteger(move.count),
            width: (100 * move.count) / most,
            note: this.note(move),
        }));
    }

    get shownMoves() {
        return this.shown.all ? this.moves : this.moves.slice(0, SHOWN);
    }

    get hiddenMoves() {
        return this.moves.length - this.shownMoves.length;
    }

    get moreText() {
        return _t("Show %s more", formatInteger(this.hiddenMoves));
    }

    /** A tier is not lost at once: what happens to customers who stay where they are. */
    note({ from_id, to_id, until }) {
        if (until) {
            return _t("keeps the tier until %s, then loses it", dayText(until));
        }
        return from_id && from_id === to_id ? _t("keeps the tier") : "";
    }

    get summary() {
        return movesSummary(this.preview.result);
    }
}

registry.category("view_widgets").add("crm_move_preview", { component: MovePreview });
