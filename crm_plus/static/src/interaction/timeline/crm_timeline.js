import { Component, markRaw, useEffect, useRef, useState } from "@odoo/owl";

import { ActivityStrip } from "@crm_plus/interaction/activity_strip/activity_strip";
import { failure } from "@crm_plus/shared/load_failed/load_failed";
import { TimelineEntry } from "@crm_plus/interaction/timeline_entry/timeline_entry";
import { PlannedList } from "@crm_plus/interaction/planned_list/planned_list";
import { TimelineFilters } from "@crm_plus/interaction/timeline_filters/timeline_filters";
import {
    activeFilters,
    groupByDay,
    mergePages,
    noFilters,
    summaryFilters,
} from "@crm_plus/interaction/timeline/timeline_rows";
import { useRecordReload } from "@crm_plus/shared/use_record_reload";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const PAGE = 40;
const LARGEST_PAGE = 200;

const UNKNOWN_CHANNEL = { id: false, name: _t("Other"), icon: "fa-circle-o", color: 0 };

/**
 * The interaction history of the customer or lead whose form it stands in, newest first.
 *
 * It loads when it becomes visible, then page by page while it is scrolled. The figures of the summary (activity
 * strip, people to filter by, total) come after the first page is shown. An answer to an older question is ignored.
 */
export class CrmTimeline extends Component {
    static template = "crm_plus.CrmTimeline";
    static components = { ActivityStrip, PlannedList, TimelineEntry, TimelineFilters };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.scrollRef = useRef("scroll");
        this.moreRef = useRef("more");
        this.pages = new KeepLast();
        this.summaries = new KeepLast();
        this.plans = new KeepLast();
        this.state = useState(this.blankState());
        useRecordReload(this, {
            reset: () => Object.assign(this.state, this.blankState()),
            load: () => this.load(),
        });
        useEffect(
            (button) => this.watch(button),
            () => [this.moreRef.el, this.state.rows.length, this.state.next]
        );
    }

    blankState() {
        return {
            status: "loading", // then "ready", "denied" or "failed"
            rows: markRaw([]),
            next: false,
            isLoadingMore: false,
            hasMoreFailed: false,
            channels: [],
            canLog: false,
            ofCustomer: false,
            filters: noFilters(),
            summary: false,
            people: [],
            users: [],
            usedChannelIds: false,
            planned: markRaw({ rows: [], more: 0 }),
            texts: {},
        };
    }

    //--------------------------------------------------------------------------
    // What is shown
    //--------------------------------------------------------------------------

    get customer() {
        const { resModel, data } = this.props.record;
        return resModel === "crm.lead" && data.partner_id;
    }

    get scope() {
        const { resModel, resId } = this.props.record;
        if (resModel === "crm.lead") {
            return this.state.ofCustomer && this.customer
                ? { partner_id: this.customer.id }
                : { lead_id: resId };
        }
        return { partner_id: resId };
    }

    /** Grouped once per set of rows: a long history is not grouped again for every spinner. */
    get days() {
        const { rows } = this.state;
        if (this.grouped?.rows !== rows) {
            this.grouped = { rows, days: groupByDay(rows) };
        }
        return this.grouped.days;
    }

    get isFiltered() {
        return Object.keys(activeFilters(this.state.filters)).length > 0;
    }

    get hasStrip() {
        return this.state.summary && this.state.summary.weeks.some((week) => week.count);
    }

    /** As on the button and in the list: where rights hide some, those that are shown, of how many. */
    get totalText() {
        const { total, hidden } = this.state.summary;
        if (hidden && !this.isFiltered) {
            return _t("%(count)s of %(total)s interactions", { count: total, total: total + hidden });
        }
        return total === 1 ? _t("1 interaction") : _t("%(count)s interactions", { count: total });
    }

    get hiddenText() {
        const count = this.state.summary.hidden;
        if (!count) {
            return "";
        }
        return count === 1
            ? _t("1 other is on a document you have no access to.")
            : _t("%(count)s others are on documents you have no access to.", { count });
    }

    /** Channels to filter by: those in use here, as soon as that is known. */
    get channelOptions() {
        const { channels, usedChannelIds } = this.state;
        return usedChannelIds ? channels.filter(({ id }) => usedChannelIds.includes(id)) : channels;
    }

    channel(row) {
        return this.state.channels.find(({ id }) => id === row.channel_id) ?? UNKNOWN_CHANNEL;
    }

    dayLabel(date) {
        const days = today().diff(date, "days").days;
        if (days === 0) {
            return _t("Today");
        }
        if (days === 1) {
            return _t("Yesterday");
        }
        if (days === -1) {
            return _t("Tomorrow");
        }
        const { weekday, year, ...format } = luxon.DateTime.DATE_HUGE;
        const day = date.toLocaleString(date.year === today().year ? format : { year, ...format });
        // Apart, since the browser writes the solar year first when the day of the week stands beside it.
        return _t("%(weekday)s, %(day)s", { weekday: date.toLocaleString({ weekday }), day });
    }

    //--------------------------------------------------------------------------
    // Loading
    //--------------------------------------------------------------------------

    fetchPage(before, limit = PAGE) {
        return this.pages.add(
            this.orm.call("crm.interaction", "timeline_page", [this.scope], {
                filters: activeFilters(this.state.filters),
                before,
                limit,
            })
        );
    }

    /** The newest rows, as many as are shown now; then the summary. */
    async load() {
        if (!this.props.record.resId) {
            return;
        }
        const shown = Math.ceil(this.state.rows.length / PAGE) * PAGE;
        const limit = Math.min(Math.max(shown, PAGE), LARGEST_PAGE);
        this.state.isLoadingMore = false;
        let page;
        try {
            page = await this.fetchPage(null, limit);
        } catch (error) {
            this.state.status = failure(error);
            return;
        }
        Object.assign(this.state, {
            status: "ready",
            rows: markRaw(page.rows),
            next: page.next,
            channels: page.channels,
            canLog: page.can_log,
            hasMoreFailed: false,
        });
        await Promise.all([this.loadTexts(page.rows, {}), this.loadSummary(), this.loadPlanned()]);
    }

    /** The first lines of what was said, from the documents; the history is useful without them. */
    async loadTexts(rows, known = this.state.texts) {
        if (!rows.length) {
            return;
        }
        try {
            const ids = rows.map(({ id }) => id);
            const previews = await this.orm.call("crm.interaction", "timeline_previews", [ids]);
            this.state.texts = { ...known, ...Object.fromEntries(previews.map((text) => [text.id, text])) };
        } catch (error) {
            failure(error);
        }
    }

    async loadPlanned() {
        try {
            const planned = await this.plans.add(
                this.orm.call("crm.interaction", "timeline_planned", [this.scope])
            );
            this.state.planned = markRaw(planned);
        } catch (error) {
            failure(error);
            this.state.planned = markRaw({ rows: [], more: 0 }); // the history is useful without what is planned
        }
    }

    async loadMore() {
        if (this.state.isLoadingMore || !this.state.next) {
            return;
        }
        this.state.isLoadingMore = true;
        this.state.hasMoreFailed = false;
        try {
            const page = await this.fetchPage(this.state.next);
            this.state.rows = markRaw(mergePages(this.state.rows, page.rows));
            this.state.next = page.next;
            this.loadTexts(page.rows);
        } catch (error) {
            failure(error);
            this.state.hasMoreFailed = true;
        }
        this.state.isLoadingMore = false;
    }

    async loadSummary() {
        const filters = summaryFilters(this.state.filters);
        try {
            const summary = await this.summaries.add(
                this.orm.call("crm.interaction", "timeline_summary", [this.scope], { filters })
            );
            this.state.summary = summary;
            if (!Object.keys(filters).length) {
                // what there is to choose from stays, whatever is filtered
                this.state.people = summary.people;
                this.state.users = summary.users;
                this.state.usedChannelIds = summary.channels.map(({ id }) => id);
            }
        } catch (error) {
            failure(error);
            this.state.summary = false; // the history is useful without its figures
        }
    }

    /** Load more as soon as the button for it comes near. */
    watch(button) {
        if (!button || this.state.hasMoreFailed) {
            return;
        }
        const observer = new IntersectionObserver(
            (entries) => entries.some((entry) => entry.isIntersecting) && this.loadMore(),
            { root: this.scrollRef.el, rootMargin: "300px" }
        );
        observer.observe(button);
        return () => observer.disconnect();
    }

    //--------------------------------------------------------------------------
    // Handlers
    //--------------------------------------------------------------------------

    retry() {
        this.state.status = "loading";
        this.load();
    }

    setFilters(changes) {
        Object.assign(this.state.filters, changes);
        this.startOver();
    }

    clearFilters() {
        this.state.filters = noFilters();
        this.startOver();
    }

    setOfCustomer(ofCustomer) {
        Object.assign(this.state, { ofCustomer, filters: noFilters(), summary: false });
        this.startOver();
    }

    startOver() {
        if (this.scrollRef.el) {
            this.scrollRef.el.scrollTop = 0;
        }
        this.state.rows = markRaw(this.state.rows.slice(0, PAGE));
        this.load();
    }

    /** After a change made here: the figures of the form and its activities follow, unless that would lose edits. */
    async refresh() {
        const { record } = this.props;
        if (await record.isDirty()) {
            return this.load();
        }
        await record.load(); // which is announced, and loads the history as well
    }

    log() {
        const { resModel, resId } = this.props.record;
        const name = resModel === "crm.lead" ? "default_lead_id" : "default_partner_id";
        return this.openLog(_t("Log interaction"), { [name]: resId });
    }

    edit(row) {
        return this.openLog(_t("Edit interaction"), { default_interaction_id: row.id });
    }

    openLog(title, context) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: title,
                res_model: "crm.interaction.log",
                views: [[false, "form"]],
                target: "new",
                context,
            },
            { onClose: () => this.refresh() }
        );
    }

    remove(row) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Delete this interaction?"),
            body: row.name
                ? _t("“%(summary)s” will be removed from everyone's history.", { summary: row.name })
                : _t("It will be removed from everyone's history."),
            confirmLabel: _t("Delete"),
            confirmClass: "btn-danger",
            confirm: async () => {
                await this.orm.unlink("crm.interaction", [row.id]);
                await this.refresh();
            },
            cancel: () => {},
        });
    }
}

registry.category("view_widgets").add("crm_timeline", { component: CrmTimeline });
