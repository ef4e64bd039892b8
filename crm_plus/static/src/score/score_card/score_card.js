import { Component, useState } from "@odoo/owl";

import { withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { ContributionBars } from "@crm_plus/prediction/contribution_bars/contribution_bars";
import { CourseChart } from "@crm_plus/score/course_chart/course_chart";
import { GradeBadge } from "@crm_plus/score/grade_badge/grade_badge";
import { failure } from "@crm_plus/shared/load_failed/load_failed";
import { ScoreLines } from "@crm_plus/score/score_lines/score_lines";
import { ScoreMeter } from "@crm_plus/score/score_meter/score_meter";
import { numberText, shareText } from "@crm_plus/shared/texts";
import { useRecordReload } from "@crm_plus/shared/use_record_reload";
import { useRemembered } from "@crm_plus/shared/use_remembered";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const SHOWN_PARTS = 8;
const SHOWN_ADVICE = 5;

/**
 * The scores of the lead whose form it stands in, and why they are what they are. It loads after the form is shown and
 * again when the lead has been saved; the reasons are unfolded on demand, and stay so from lead to lead.
 */
export class ScoreCard extends Component {
    static template = "crm_plus.ScoreCard";
    static components = { ContributionBars, CourseChart, GradeBadge, ScoreLines, ScoreMeter };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.answers = new KeepLast();
        this.reasons = useRemembered("crm_plus.score_card_open");
        this.state = useState({
            status: "loading", // then "ready", "denied" or "failed"
            card: false,
            hasAllParts: false,
        });
        useRecordReload(this, {
            reset: () => Object.assign(this.state, { status: "loading", card: false, hasAllParts: false }),
            load: () => this.load(),
        });
    }

    //--------------------------------------------------------------------------
    // What is shown
    //--------------------------------------------------------------------------

    get score() {
        return this.state.card.score;
    }

    get prediction() {
        return this.state.card.prediction;
    }

    /** The probability that the pipeline shows, ours or not. */
    get hostProbability() {
        const { probability } = this.props.record.data;
        const ours = this.prediction && Math.round(this.prediction.probability);
        const differs = typeof probability === "number" && Math.round(probability) !== ours;
        return differs ? shareText(probability / 100) : false;
    }

    get missingPrediction() {
        return withDays(this.state.card.missing_prediction);
    }

    get meters() {
        const { fit, engagement } = this.score || {};
        return [
            { key: "fit", label: _t("Fit"), value: Number(fit?.score) },
            { key: "engagement", label: _t("Engagement"), value: Number(engagement?.score) },
        ].filter(({ value }) => !Number.isNaN(value));
    }

    get axes() {
        const { fit, engagement } = this.score;
        return [
            { key: "fit", title: _t("Fit: who they are"), ...fit },
            { key: "engagement", title: _t("Engagement: what happens between you"), ...engagement },
        ].filter(({ lines }) => lines);
    }

    get parts() {
        const parts = this.prediction.parts.map(({ label, value, points }) => ({ label, detail: value, points }));
        return this.state.hasAllParts ? parts : parts.slice(0, SHOWN_PARTS);
    }

    get moreParts() {
        return this.prediction.parts.length - this.parts.length;
    }

    get advice() {
        return (this.score ? this.score.raises : []).slice(0, SHOWN_ADVICE).map(({ id, name, suggestion, gain }) => ({
            id,
            text: suggestion || name,
            detail: suggestion ? name : "",
            gain: `+${this.number(gain, 2)}`,
            unit: "",
        }));
    }

    /** What would raise the prediction, in whole percentage points. */
    get raises() {
        return this.prediction.raises.map(({ key, text, gain }) => ({
            id: key,
            text,
            detail: "",
            gain: `+${this.number(gain)}`,
            unit: gain === 1 ? _t("point") : _t("points"),
        }));
    }

    get course() {
        return (this.score ? this.score.history : []).map((row) => ({
            date: row.date,
            score: row.lead_score,
            grade: row.lead_grade,
            chance: row.win_probability || false,
        }));
    }

    number(value, digits = 0) {
        return numberText(value, digits);
    }

    //--------------------------------------------------------------------------
    // Loading and handlers
    //--------------------------------------------------------------------------

    async load() {
        const { resId } = this.props.record;
        if (!resId) {
            return;
        }
        try {
            const card = await this.answers.add(this.orm.silent.call("crm.lead", "score_card", [resId]));
            Object.assign(this.state, { status: "ready", card });
        } catch (error) {
            this.state.status = failure(error);
        }
    }

    retry() {
        this.state.status = "loading";
        this.load();
    }

    async openEvents(ruleId) {
        return this.action.doAction(
            await this.orm.call("crm.lead", "action_score_events", [[this.props.record.resId], ruleId])
        );
    }

    openEvent(eventId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Interaction"),
            res_model: "crm.interaction",
            res_id: eventId,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("crm_score_card", { component: ScoreCard });
