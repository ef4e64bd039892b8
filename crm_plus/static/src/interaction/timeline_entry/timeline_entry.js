import { Component, markup, useState } from "@odoo/owl";

import { failure } from "@crm_plus/shared/load_failed/load_failed";
import { formatCurrency } from "@web/core/currency";
import { momentOf } from "@crm_plus/interaction/timeline/timeline_rows";
import { formatDateTime, formatDuration } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

export const OUTCOMES = {
    done: _t("Done"),
    answered: _t("Answered"),
    no_answer: _t("No answer"),
    left_message: _t("Left a message"),
    interested: _t("Interested"),
    not_interested: _t("Not interested"),
    wrong_number: _t("Wrong number"),
};

const DIRECTIONS = {
    in: { icon: "fa-arrow-down text-success", label: _t("Incoming") },
    out: { icon: "fa-arrow-up text-primary", label: _t("Outgoing") },
};

/**
 * One interaction: when, which channel, which direction, what, who, and the way to its document. What was said unfolds: it
 * is read from the document at that moment.
 */
export class TimelineEntry extends Component {
    static template = "crm_plus.TimelineEntry";
    static props = {
        row: Object,
        channel: Object,
        text: { type: Object, optional: true },
        resModel: String,
        resId: Number,
        onEdit: Function,
        onDelete: Function,
    };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ isOpen: false, whole: false, hasFailed: false });
    }

    get at() {
        return momentOf(this.props.row);
    }

    /** Of what is known to the day only there is none. */
    get time() {
        return this.props.row.day ? "" : this.at.toLocaleString(luxon.DateTime.TIME_SIMPLE);
    }

    get fullTime() {
        return formatDateTime(this.at);
    }

    /** What happened, in words; of what was logged by hand the channel says it. */
    get event() {
        const { row, channel } = this.props;
        return row.event || channel.name;
    }

    get summary() {
        const { row } = this.props;
        return row.name || (row.is_private ? _t("Private") : "");
    }

    get direction() {
        return DIRECTIONS[this.props.row.direction];
    }

    get amount() {
        const { amount, currency_id } = this.props.row;
        return amount ? formatCurrency(amount, currency_id) : "";
    }

    get duration() {
        const hours = this.props.row.duration;
        return hours ? formatDuration(Math.round(hours * 60) * 60, true) : "";
    }

    get outcome() {
        return OUTCOMES[this.props.row.outcome];
    }

    /** The document, unless its form is the one that the timeline is in. */
    get document() {
        const { row, resModel, resId } = this.props;
        const { model, id } = row.document || {};
        return id && !(model === resModel && id === resId) && row.document;
    }

    /** The contact, unless the timeline is that contact's own. */
    get partnerName() {
        const { row, resModel, resId } = this.props;
        const isOwn = resModel === "res.partner" && row.partner?.[0] === resId;
        return !isOwn && row.partner ? row.partner[1] : "";
    }

    get documentUrl() {
        const { model, id } = this.document;
        return `/odoo/${model.includes(".") ? model : `m-${model}`}/${id}`;
    }

    /** The text as it is in the document; the server has cleaned what is HTML. */
    get html() {
        return this.state.whole.html ? markup(this.state.whole.html) : "";
    }

    async toggle() {
        this.state.isOpen = !this.state.isOpen;
        if (!this.state.isOpen || this.state.whole) {
            return;
        }
        this.state.hasFailed = false;
        try {
            this.state.whole = await this.orm.call("crm.interaction", "timeline_text", [this.props.row.id]);
        } catch (error) {
            failure(error);
            this.state.hasFailed = true;
        }
    }

    openDocument(ev) {
        if (ev.ctrlKey || ev.metaKey) {
            return; // the browser opens a new tab
        }
        ev.preventDefault();
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: this.document.model,
            res_id: this.document.id,
            views: [[false, "form"]],
        });
    }
}
