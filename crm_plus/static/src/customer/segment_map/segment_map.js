import { Component, onWillStart, useState, useSubEnv } from "@odoo/owl";

import { ParetoCurve } from "@crm_plus/customer/pareto_curve/pareto_curve";
import { RetentionTable } from "@crm_plus/customer/retention_table/retention_table";
import { ScoreGrid } from "@crm_plus/customer/score_grid/score_grid";
import { segmentSums } from "@crm_plus/customer/score_grid/score_tiles";
import { ExportButton } from "@crm_plus/shared/export_button/export_button";
import { SegmentMovement } from "@crm_plus/loyalty/segment_movement/segment_movement";
import { SegmentTreemap } from "@crm_plus/loyalty/segment_treemap/segment_treemap";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { getDefaultConfig } from "@web/views/view";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** All customers of the company at a glance: scores and segments, moves, retention, concentration. */
export class SegmentMap extends Component {
    static template = "crm_plus.SegmentMap";
    static components = { ExportButton, Layout, ParetoCurve, RetentionTable, ScoreGrid, SegmentMovement, SegmentTreemap };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        useSubEnv({ config: { ...getDefaultConfig(), ...this.env.config } });
        this.env.config.setDisplayName?.(_t("Segment map"));
        this.display = { controlPanel: {} };
        this.noSegment = { id: false, name: _t("No segment"), color: 0, description: "" };
        this.tabs = [
            { key: "map", name: _t("Map") },
            { key: "movement", name: _t("Changes") },
            { key: "retention", name: _t("Retention") },
            { key: "pareto", name: _t("Concentration") },
        ];
        this.state = useState(this.props.state?.shown ?? { tab: "map", measure: "count" });
        // Whoever comes back from a list finds what they looked at.
        useSetupAction({ getLocalState: () => ({ shown: { ...this.state } }) });
        this.format = this.format.bind(this);
        onWillStart(async () => {
            this.map = await this.orm.call("crm.customer.profile", "segment_map", []);
        });
    }

    get byId() {
        const segments = [this.noSegment, ...this.map.segments];
        return Object.fromEntries(segments.map((segment) => [segment.id, segment]));
    }

    /** Segments with customers, in their own order. */
    get segments() {
        const sums = segmentSums(this.map.cells);
        return [...this.map.segments, this.noSegment]
            .filter(({ id }) => sums.has(id))
            .map((segment) => ({ ...segment, value: sums.get(segment.id)[this.state.measure] }));
    }

    format(value) {
        return this.state.measure === "revenue"
            ? formatCurrency(value, this.map.currency_id, { humanReadable: true })
            : formatInteger(value);
    }

    openTile({ r, f }) {
        return this.open(_t("Recency %(r)s, frequency %(f)s", { r, f }), [
            ["recency_score", "=", r],
            ["frequency_score", "=", f],
        ]);
    }

    openSegment({ id, name }) {
        return this.open(name, [["segment_id", "=", id]]);
    }

    open(name, domain) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "crm.customer.profile",
            views: ["list", "kanban", "pivot", "graph"].map((view) => [false, view]),
            domain: [["company_id", "=", user.activeCompany.id], ...domain],
        });
    }
}

registry.category("actions").add("crm_segment_map", SegmentMap);
