import { Component, useState } from "@odoo/owl";

import { moveNote, movesSummary } from "@crm_plus/loyalty/move_preview/moves_text";
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
            note: moveNote(move),
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

    get summary() {
        return movesSummary(this.preview.result);
    }
}

registry.category("view_widgets").add("crm_move_preview", { component: MovePreview });
