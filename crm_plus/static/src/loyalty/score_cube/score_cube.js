import { Component } from "@odoo/owl";

import { coverOf } from "@crm_plus/loyalty/score_cube/score_cover";
import { _t } from "@web/core/l10n/translation";
import { formatList } from "@web/core/l10n/utils";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const SCORES = [1, 2, 3, 4, 5];

/**
 * Whose every score is, while the boxes of a family of segments are edited: one square of recency and frequency for
 * each score of revenue. A gap and an overlap are seen at once.
 */
export class ScoreCube extends Component {
    static template = "crm_plus.ScoreCube";
    static props = { ...standardWidgetProps };

    /** Boxes of active segments only: drafts own nothing. */
    get boxes() {
        const { region_ids, segment_ids } = this.props.record.data;
        const states = new Map(segment_ids.records.map(({ resId, data }) => [resId, data]));
        return region_ids.records
            .map(({ data }) => ({ ...data, segment: states.get(data.segment_id?.id) }))
            .filter(({ segment }) => segment?.state === "active")
            .map((data) => ({
                r: [data.r_min, data.r_max],
                f: [data.f_min, data.f_max],
                m: [data.m_min, data.m_max],
                owner: data.segment,
            }));
    }

    get cover() {
        const { cells, gaps, overlaps } = coverOf(this.boxes);
        const layers = SCORES.toReversed().map((m) => ({
            m,
            rows: SCORES.toReversed().map((r) => ({
                r,
                cells: SCORES.map((f) => this.cell(r, f, m, cells[`${r}${f}${m}`])),
            })),
        }));
        return { layers, gaps: gaps.length, overlaps: overlaps.length };
    }

    cell(r, f, m, owners) {
        const names = formatList(owners.map(({ name }) => name));
        const isGap = !owners.length;
        return {
            key: `${r}${f}${m}`,
            color: isGap ? 0 : owners[0].color,
            mark: isGap ? "?" : owners.length > 1 ? "!" : owners[0].name.slice(0, 2),
            kind: isGap ? "o_gap" : owners.length > 1 ? "o_overlap" : "",
            label: _t("R %(r)s, F %(f)s, M %(m)s: %(names)s", { r, f, m, names: isGap ? _t("no segment") : names }),
        };
    }
}

registry.category("view_widgets").add("crm_score_cube", { component: ScoreCube });
