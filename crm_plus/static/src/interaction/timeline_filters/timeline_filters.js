import { Component } from "@odoo/owl";

import { dayText } from "@crm_plus/shared/calendar_day/calendar_day";
import { PERIODS, lastDays, toggled } from "@crm_plus/interaction/timeline_filters/timeline_periods";
import { activeFilters } from "@crm_plus/interaction/timeline/timeline_rows";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { CheckboxItem } from "@web/core/dropdown/checkbox_item";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDate, serializeDate, today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useDebounced } from "@web/core/utils/timing";

const SEARCH_DELAY = 300;

/** Search box and filters by channel, direction, person and period. It keeps no state: a change is handed up. */
export class TimelineFilters extends Component {
    static template = "crm_plus.TimelineFilters";
    static components = { CheckboxItem, DateTimeInput, Dropdown, DropdownItem };
    static props = {
        filters: Object,
        channels: Array,
        people: Array,
        users: Array,
        onChange: Function,
        onClear: Function,
    };

    setup() {
        this.directions = [
            { value: "in", label: _t("Incoming") },
            { value: "out", label: _t("Outgoing") },
            { value: "none", label: _t("Internal") },
        ];
        this.periods = [
            ...PERIODS.map((days) => ({
                dates: lastDays(days, today()),
                label:
                    days === 365
                        ? _t("Last 12 months")
                        : _t("Last %(days)s days", { days: String(days) }),
            })),
        ];
        this.search = useDebounced((search) => this.props.onChange({ search }), SEARCH_DELAY);
    }

    get isFiltered() {
        return Object.keys(activeFilters(this.props.filters)).length > 0;
    }

    get channelLabel() {
        return this.listLabel(_t("Channel"), this.props.channels, this.props.filters.channel_ids);
    }

    get directionLabel() {
        const { direction } = this.props.filters;
        return this.directions.find(({ value }) => value === direction)?.label ?? _t("Direction");
    }

    get personLabel() {
        const { filters, people, users } = this.props;
        return this.listLabel(
            _t("Person"),
            [...people.filter(({ id }) => filters.partner_ids.includes(id)), ...users.filter(({ id }) => filters.user_ids.includes(id))],
            [...filters.partner_ids, ...filters.user_ids]
        );
    }

    get periodLabel() {
        const { date_from, date_to } = this.props.filters;
        const period = this.periods.find(({ dates }) => this.isPeriod(dates));
        if (period) {
            return period.label;
        }
        const from = date_from && dayText(date_from);
        const to = date_to && dayText(date_to);
        if (from && to) {
            return _t("%(from)s to %(to)s", { from, to });
        }
        if (from) {
            return _t("Since %(from)s", { from });
        }
        return to ? _t("Until %(to)s", { to }) : _t("Period");
    }

    /** The name of the only one selected, else how many are. */
    listLabel(title, options, ids) {
        if (ids.length === 1) {
            return options.find(({ id }) => id === ids[0])?.name ?? title;
        }
        return ids.length
            ? _t("%(filter)s (%(count)s)", { filter: title, count: ids.length })
            : title;
    }

    isPeriod({ date_from, date_to }) {
        const { filters } = this.props;
        return Boolean(date_from) && filters.date_from === date_from && filters.date_to === date_to;
    }

    date(name) {
        const value = this.props.filters[name];
        return value ? deserializeDate(value) : false;
    }

    toggle(name, value) {
        this.props.onChange({ [name]: toggled(this.props.filters[name], value) });
    }

    toggleDirection(direction) {
        const isSet = this.props.filters.direction === direction;
        this.props.onChange({ direction: isSet ? false : direction });
    }

    togglePeriod(dates) {
        this.props.onChange(this.isPeriod(dates) ? { date_from: false, date_to: false } : dates);
    }

    setDate(name, value) {
        this.props.onChange({ [name]: value ? serializeDate(value) : false });
    }

    onSearchKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            ev.stopPropagation();
            this.search.cancel();
            this.props.onChange({ search: ev.target.value });
        }
    }
}
