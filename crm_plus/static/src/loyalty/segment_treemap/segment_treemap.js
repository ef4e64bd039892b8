import { Component } from "@odoo/owl";

import { percentText } from "@crm_plus/customer/score_grid/score_tiles";
import { treemap } from "@crm_plus/loyalty/segment_treemap/treemap";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

/** The segments as areas: how many customers, or how much revenue, each of them has. */
export class SegmentTreemap extends Component {
    static template = "crm_plus.SegmentTreemap";
    static props = {
        segments: { type: Array, element: Object }, // { id, name, color, description, value }
        format: Function,
        onOpen: Function,
    };

    setup() {
        this.ui = useService("ui");
    }

    get tiles() {
        const { segments, format } = this.props;
        const total = segments.reduce((sum, { value }) => sum + Math.max(value, 0), 0);
        return treemap(segments, 100, this.ui.isSmall ? 120 : 62).map((tile) => {
            const percent = percentText((100 * tile.value) / total);
            const text = format(tile.value);
            return {
                ...tile,
                percent,
                text,
                isTiny: tile.width < 9 || tile.height < 9,
                isFlat: tile.height < 5, // lower than a line
                label: _t("%(name)s: %(text)s, %(percent)s", { name: tile.name, text, percent }),
            };
        });
    }
}
