import { Component, onWillStart, useState, useSubEnv } from "@odoo/owl";

import { ParetoCurve } from "@crm_plus/customer/pareto_curve/pareto_curve";
import { ForecastCourse } from "@crm_plus/customer/forecast_course/forecast_course";
import { RetentionTable } from "@crm_plus/customer/retention_table/retention_table";
import { CardChooser } from "@crm_plus/kpi/card_chooser/card_chooser";
import { CourseLine } from "@crm_plus/kpi/course_line/course_line";
import { HeatTable } from "@crm_plus/kpi/heat_table/heat_table";
import { LaterCard } from "@crm_plus/kpi/later_card/later_card";
import { headOf } from "@crm_plus/kpi/overview/overview_heads";
import { ROWS, UNKNOWN, amountText, answerRows, effortRows, effortSegments, reportRows, wayRows } from "@crm_plus/kpi/overview/overview_rows";
import { NARROWED_BY, changeText, chosenIn, figureText, pointsText, tendency } from "@crm_plus/kpi/overview/overview_texts";
import { RowBars } from "@crm_plus/kpi/row_bars/row_bars";
import { SegmentTreemap } from "@crm_plus/loyalty/segment_treemap/segment_treemap";
import { dayText, withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { CountedAt } from "@crm_plus/shared/counted_at/counted_at";
import { ExportButton } from "@crm_plus/shared/export_button/export_button";
import { LoadFailed, tried } from "@crm_plus/shared/load_failed/load_failed";
import { numberText } from "@crm_plus/shared/texts";
import { Why } from "@crm_plus/shared/why/why";
import { router } from "@web/core/browser/router";
import { formatCurrency } from "@web/core/currency";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, serializeDate, today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { getDefaultConfig } from "@web/views/view";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const NARROWING = [...Object.keys(NARROWED_BY), "company_id"];

/** How the company did in a period: what is chosen stands in the address, so that a view is shared as a link. */
export class Overview extends Component {
    static template = "crm_plus.Overview";
    static components = {
        CountedAt,
        CourseLine,
        DateTimeInput,
        ExportButton,
        ForecastCourse,
        HeatTable,
        LaterCard,
        Layout,
        LoadFailed,
        ParetoCurve,
        RecordSelector,
        RetentionTable,
        RowBars,
        SegmentTreemap,
        Why,
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.answers = new KeepLast();
        useSubEnv({ config: { ...getDefaultConfig(), ...this.env.config } });
        this.env.config.setDisplayName?.(_t("Overview"));
        this.display = { controlPanel: {} };
        this.periods = [
            { days: 30, name: _t("30 days") },
            { days: 90, name: _t("90 days") },
            { days: 365, name: _t("1 year") },
        ];
        this.narrowedBy = {
            segment_id: _t("Segment"),
            tier_id: _t("Tier"),
            team_id: _t("Sales team"),
            user_id: _t("Salesperson"),
            country_id: _t("Country"),
            industry_id: _t("Industry"),
            tag_id: _t("Tag"),
        };
        this.labels = {
            figures: _t("Figures"),
            segments: _t("Segments"),
            funnel: _t("From lead to second order"),
            ways: _t("Ways of leads"),
            channels: _t("Channels"),
            answers: _t("Response time"),
            grades: _t("Lead grade and real win rate"),
            products: _t("Products by segment"),
            forecast: _t("Orders expected"),
            retention: _t("Retention"),
            concentration: _t("Concentration"),
            effort: _t("Return of the effort"),
        };
        const yesterday = today().minus({ days: 1 });
        const period = { from: serializeDate(yesterday.minus({ days: 89 })), to: serializeDate(yesterday) };
        this.state = useState({
            cards: [],
            origin: "standard",
            team: false,
            teams: [],
            isManager: false,
            chosen: this.props.state?.chosen ?? chosenIn(this.address, period),
            board: null,
            isFailed: false,
            isLoading: true,
            shown: null,
            way: "source",
        });
        // Whoever comes back from a list finds what they had chosen, and so does the address.
        useSetupAction({ getLocalState: () => ({ chosen: { ...this.chosen } }) });
        if ([...NARROWING, "date_from", "date_to"].some((name) => this.address[name])) {
            this.props.updateActionState?.(this.chosen);
        }
        this.reports = [];
        this.ways = [
            { key: "source", name: _t("Source") },
            { key: "team", name: _t("Sales team") },
            { key: "country", name: _t("Country") },
        ];
        this.load = this.load.bind(this);
        this.amount = this.amount.bind(this);
        this.setCards = this.setCards.bind(this);
        onWillStart(() => {
            this.start(); // the page is there at once, its figures follow
        });
    }

    /**
     * What stands in the address, or stood there before a list was opened from here: the host cannot open such a list
     * again, and whoever goes back to it comes here.
     */
    get address() {
        const { path } = this.props.action;
        const mine = router.current.actionStack?.findLast(({ action }) => action === path);
        return { ...mine, ...router.current };
    }

    get board() {
        return this.state.board;
    }

    get chosen() {
        return this.state.chosen;
    }

    get days() {
        const { date_from: from, date_to: to } = this.chosen;
        return Math.round(deserializeDate(to).diff(deserializeDate(from), "days").days) + 1;
    }

    get filters() {
        return Object.entries(NARROWED_BY).map(([name, model]) => ({
            name,
            model,
            label: this.narrowedBy[name],
            id: this.chosen[name] ?? false,
        }));
    }

    /** Those that the user may look at; one alone is no choice. */
    get companies() {
        return user.allowedCompanies.length > 1 ? user.allowedCompanies : [];
    }

    get companyId() {
        return this.chosen.company_id ?? user.activeCompany.id;
    }

    get context() {
        return this.chosen.company_id ? { allowed_company_ids: [this.chosen.company_id] } : {};
    }

    /** The filters alone, without the period and the company. */
    get narrowed() {
        const given = Object.entries(this.chosen).filter(([name]) => name in NARROWED_BY);
        return Object.fromEntries(given);
    }

    get isNarrowed() {
        return Object.keys(this.narrowed).length > 0;
    }

    chooseCompany(ev) {
        const id = Number(ev.target.value);
        return this.choose({ company_id: id === user.activeCompany.id ? false : id });
    }

    day(name) {
        return deserializeDate(this.chosen[name]);
    }

    async start() {
        const [kept, isManager] = await Promise.all([
            tried(this.orm.silent.call("crm.kpi.day", "overview_cards", [])),
            user.hasGroup("crm_plus.group_crm_plus_manager"),
        ]);
        const standard = { cards: Object.keys(this.labels), reports: {}, origin: "standard", team: false, teams: [] };
        const { cards, reports, origin, team, teams } = kept.answer ?? standard;
        Object.assign(this.labels, reports);
        this.reports = Object.keys(reports ?? {});
        Object.assign(this.state, { cards, origin, team, teams, isManager });
        return this.load();
    }

    /** Again: not what is kept from some minutes ago. */
    async load(again = false) {
        this.state.isLoading = true;
        const asked = [this.chosen, this.state.cards];
        const call = this.orm.silent.call("crm.kpi.day", "overview", asked, again === true ? { again } : {});
        const { answer, isFailed } = await tried(this.answers.add(call));
        Object.assign(this.state, { board: answer, isFailed, isLoading: false });
    }

    choose(values) {
        const chosen = { ...this.chosen, ...values };
        for (const name of NARROWING) {
            if (!chosen[name]) {
                delete chosen[name];
            }
        }
        if (chosen.date_from > chosen.date_to) {
            chosen.date_from = chosen.date_to = Object.values(values)[0];
        }
        this.state.chosen = chosen;
        const cleared = Object.fromEntries(NARROWING.map((name) => [name, undefined]));
        this.props.updateActionState?.({ ...cleared, ...chosen });
        return this.load();
    }

    chooseCards() {
        const { cards, origin, team, teams, isManager } = this.state;
        const shown = { cards, origin, team, teams, isManager, labels: this.labels };
        this.dialog.add(CardChooser, { ...shown, onKept: this.setCards });
    }

    setCards(kept) {
        Object.assign(this.state, kept);
        return this.load();
    }

    /** Figures take the whole width, all other cards half of it. */
    widthOf(card) {
        return card === "figures" ? "col-12" : "col-xl-6";
    }

    setPeriod(days) {
        const yesterday = today().minus({ days: 1 });
        return this.choose({
            date_from: serializeDate(yesterday.minus({ days: days - 1 })),
            date_to: serializeDate(yesterday),
        });
    }

    setDay(name, day) {
        return day && this.choose({ [name]: serializeDate(day) });
    }

    // figures

    value(figure) {
        return figureText(figure, figure.value, this.board.currency_id);
    }

    change(figure) {
        return figure.unit === "points" ? pointsText(figure.change) : changeText(figure.change);
    }

    tendency(figure) {
        return tendency(figure);
    }

    before(figure) {
        return figure.before === false
            ? _t("Nothing is known of the period before.")
            : _t("The period before: %s.", figureText(figure, figure.before, this.board.currency_id));
    }

    why(figure) {
        return withDays([...figure.why, this.before(figure)]);
    }

    targetText(figure) {
        return _t("Target: %s", figureText(figure, figure.target, this.board.currency_id));
    }

    /** Percent of the target, for the bar. */
    reached({ value, target }) {
        return target > 0 && value > 0 ? Math.min(100, Math.round((100 * value) / target)) : 0;
    }

    show(figure) {
        this.state.shown = this.state.shown?.code === figure.code ? null : figure;
    }

    // rows

    get segments() {
        return this.board.segments.map((segment) => ({ ...segment, value: segment.count, description: "" }));
    }

    rows(part) {
        return ROWS[part](this.board);
    }

    answerRows(messages) {
        return answerRows(messages);
    }

    reportRows(card) {
        return reportRows(card);
    }

    wayRows(ways) {
        return wayRows(ways[this.state.way]);
    }

    get wayHeads() {
        return ["leads", "qualified", "quoted", "ordered", "again", "until"].map((head) => this.headOf(head));
    }

    productColumns({ segments }) {
        return segments.map(({ id, name }) => ({ key: id, label: name }));
    }

    productRows({ rows }) {
        return rows.map(({ id, name, revenue, cells }) => ({ key: id, label: name, sum: revenue, cells }));
    }

    amount(value) {
        return formatCurrency(value, this.board.currency_id, { humanReadable: true });
    }

    orders(value) {
        return value === false ? UNKNOWN : numberText(value);
    }

    effortRows({ rows, currency_id }) {
        return effortRows(rows, currency_id);
    }

    effortSegments({ segments, currency_id }) {
        return effortSegments(segments, currency_id);
    }

    get segmentHeads() {
        return ["places", "retention", "monthly", "each", "value", "cost", "return"].map((head) => this.headOf(head));
    }

    effortText({ gain, cost, basis, contact_cost, currency_id, ...answer }) {
        if (gain === false) {
            return "";
        }
        const monthly = { gain: amountText(Math.abs(gain), currency_id), cost: amountText(cost, currency_id) };
        const texts = {
            margin:
                gain < 0
                    ? _t("%s less margin a month than before.", monthly.gain)
                    : _t("%s more margin a month than before.", monthly.gain),
            revenue:
                gain < 0
                    ? _t("%s less revenue a month than before.", monthly.gain)
                    : _t("%s more revenue a month than before.", monthly.gain),
        };
        const sentences = [texts[basis]];
        if (!contact_cost) {
            sentences.push(_t("What a contact costs is not known: an administrator can say so in the settings."));
        } else if (cost <= 0) {
            sentences.push(_t("There are no more contacts than before."));
        } else {
            sentences.push(_t("More contacts cost %s a month.", monthly.cost));
            if (answer.return !== false) {
                sentences.push(_t("Return: (gain − cost) / cost = %s.", changeText(answer.return)));
            }
        }
        return sentences.join(" ");
    }

    periodsText({ periods }) {
        const [[thenFirst, thenLast], [nowFirst, nowLast]] = periods.map((period) => period.map(dayText));
        return _t("%(first)s – %(last)s, compared with %(before_first)s – %(before_last)s, before the installation.", {
            first: nowFirst,
            last: nowLast,
            before_first: thenFirst,
            before_last: thenLast,
        });
    }

    get noForecast() {
        return _t("Nothing has been forecast yet.");
    }

    rangeText({ low, high }) {
        return low === false
            ? _t("orders in the next 12 months")
            : _t("orders in the next 12 months, between %(low)s and %(high)s", {
                  low: numberText(low),
                  high: numberText(high),
              });
    }

    checkText({ from, until, forecast, came, repeated, off }) {
        const text = _t(
            "From orders up to %(from)s, %(forecast)s were forecast until %(until)s; %(came)s came. Repeating the past would have said %(repeated)s.",
            {
                from: dayText(from),
                until: dayText(until),
                forecast: numberText(forecast),
                came: numberText(came),
                repeated: numberText(repeated),
            }
        );
        const sentences = off === false ? [text] : [text, _t("Off by %s.", changeText(off))];
        return sentences.join(" ");
    }

    headOf(column) {
        return headOf(column);
    }

    formatCount(value) {
        return numberText(value);
    }

    // what is opened

    async open(part, key) {
        return this.action.doAction(await this.orm.call("crm.kpi.day", "action_open", [part, key, this.chosen]));
    }
}

registry.category("actions").add("crm_overview", Overview);
