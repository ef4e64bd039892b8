import { Component, onWillUpdateProps, useState } from "@odoo/owl";

import { LoadFailed, tried } from "@crm_plus/shared/load_failed/load_failed";
import { aroundZero } from "@crm_plus/prediction/version_compare/interval_scale";
import { numberText } from "@crm_plus/shared/texts";
import { deserializeDateTime, toLocaleDateString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const SHOWN = ["version", "state", "trained_on", "auc", "log_loss", "ece"];
const MOST = 12;
const STATES = {
    draft: _t("Trained"),
    published: _t("Published"),
    retired: _t("Retired"),
};

/** This version beside what it was compared with, and beside the others of its company or team. */
export class VersionCompare extends Component {
    static template = "crm_plus.VersionCompare";
    static components = { LoadFailed };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.answers = new KeepLast();
        this.state = useState({ versions: [], isFailed: false });
        this.retry = () => this.load(this.props);
        this.load(this.props);
        onWillUpdateProps((props) => this.load(props));
    }

    async load({ record }) {
        const { company_id, team_id } = record.data;
        const domain = [
            ["company_id", "=", company_id.id],
            ["team_id", "=", team_id ? team_id.id : false],
            ["state", "!=", "abstained"],
        ];
        const options = { limit: MOST, order: "version desc" };
        const { answer, isFailed } = await tried(
            this.answers.add(this.orm.silent.searchRead("crm.score.model", domain, SHOWN, options))
        );
        Object.assign(this.state, { versions: answer ?? [], isFailed });
    }

    get rows() {
        return this.state.versions.map((version) => ({
            ...version,
            isThis: version.id === this.props.record.resId,
            stateText: STATES[version.state],
            day: toLocaleDateString(deserializeDateTime(version.trained_on)),
        }));
    }

    get intervals() {
        const { log_loss, auc } = this.props.record.data[this.props.name] || {};
        return [
            log_loss && this.interval("log_loss", _t("Log-loss"), log_loss, -1),
            auc && this.interval("auc", _t("AUC"), auc, 1),
        ].filter(Boolean);
    }

    /** `better` is the direction in which more is better. */
    interval(key, label, { value, low, high }, better) {
        const sure = Math.sign(low) === Math.sign(high) ? Math.sign(value) * better : 0;
        return {
            key,
            label,
            bar: aroundZero({ value, low, high }),
            text: _t("%(value)s (%(low)s to %(high)s)", {
                value: this.signed(value),
                low: this.signed(low),
                high: this.signed(high),
            }),
            verdict: sure > 0 ? _t("better") : sure < 0 ? _t("worse") : _t("could be due to chance"),
            kind: sure > 0 ? "o_better" : sure < 0 ? "o_worse" : "",
        };
    }

    /** With its sign, which stays before it in languages written from right to left (Unicode isolates). */
    signed(value) {
        return `\u2066${value > 0 ? "+" : ""}${this.number(value, 4)}\u2069`;
    }

    number(value, digits = 3) {
        return numberText(value, digits);
    }
}

registry.category("fields").add("crm_version_compare", {
    component: VersionCompare,
    displayName: _t("Versions compared"),
    supportedTypes: ["json"],
    fieldDependencies: [
        { name: "company_id", type: "many2one", relation: "res.company" },
        { name: "team_id", type: "many2one", relation: "crm.team" },
    ],
});
