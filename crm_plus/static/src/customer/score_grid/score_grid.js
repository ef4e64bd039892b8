import { Component } from "@odoo/owl";

import { percentText, scoreTiles } from "@crm_plus/customer/score_grid/score_tiles";
import { _t } from "@web/core/l10n/translation";
import { formatList } from "@web/core/l10n/utils";

/** Recency by frequency: each tile is the customers with these two scores, in the color of their segment. */
export class ScoreGrid extends Component {
    static template = "crm_plus.ScoreGrid";
    static props = {
        cells: Array,
        segments: Object, // by id: { name, color }
        measure: String,
        format: Function, // a value of the measure as text
        onOpen: Function,
    };

    get rows() {
        const { cells, measure } = this.props;
        return scoreTiles(cells, measure).map(({ r, tiles }) => ({ r, tiles: tiles.map((tile) => this.tile(tile)) }));
    }

    tile(tile) {
        const { segments, measure, format } = this.props;
        const names = tile.segmentIds.map((id) => segments[id].name);
        const text = format(tile[measure]);
        return {
            ...tile,
            text,
            name: names[0],
            more: names.length - 1,
            color: tile.count ? segments[tile.segmentIds[0]].color : 0,
            percent: percentText(tile.share),
            label: _t("Recency %(r)s, frequency %(f)s: %(text)s, %(share)s. %(names)s", {
                r: tile.r,
                f: tile.f,
                text,
                share: percentText(tile.share),
                names: formatList(names),
            }),
        };
    }
}
