import { Component } from "@odoo/owl";

import { GradeBadge } from "@crm_plus/score/grade_badge/grade_badge";
import { usePreview } from "@crm_plus/shared/preview/use_preview";
import { sortedMoves } from "@crm_plus/score/score_preview/preview_moves";
import { numberText } from "@crm_plus/shared/texts";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const SHOWN_MOVES = 8;

/** What the rule in the form would change if it were active as it is typed now: asked for by a button, never written. */
export class ScorePreview extends Component {
    static template = "crm_plus.ScorePreview";
    static components = { GradeBadge };
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.preview = usePreview(
            () => this.props.record,
            (orm, { resId }, changes) => orm.call("crm.score.rule", "preview_rule", [changes, resId || false])
        );
    }

    get moves() {
        return sortedMoves(this.preview.result.moves);
    }

    get shownMoves() {
        return this.moves.slice(0, SHOWN_MOVES);
    }

    get moreMoves() {
        return this.moves.length - this.shownMoves.length;
    }

    get summary() {
        const { leads, changed } = this.preview.result;
        const moved = this.moves.reduce((sum, move) => sum + move.leads, 0);
        if (!changed) {
            return _t("None of %s open leads would change.", leads);
        }
        return _t("Of %(leads)s open leads, %(changed)s would change score and %(moved)s would change grade.", {
            changed,
            leads,
            moved,
        });
    }

    get hotText() {
        const [before, after] = this.preview.result.hot;
        return before === after
            ? _t("Hot leads: %s, as now.", before)
            : _t("Hot leads: %(before)s now, %(after)s then.", { before, after });
    }

    leadsText(move) {
        return move.leads === 1 ? _t("1 lead") : _t("%s leads", move.leads);
    }

    number(points) {
        return numberText(points, 2);
    }

    openLead(leadId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.lead",
            res_id: leadId,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("crm_score_preview", { component: ScorePreview });
