import { Component, useRef, useState } from "@odoo/owl";

import { barHeights, moveTo } from "@crm_plus/interaction/activity_strip/strip_scale";
import { dayText } from "@crm_plus/shared/calendar_day/calendar_day";
import { isRtl } from "@crm_plus/shared/texts";
import { deserializeDate, serializeDate, toLocaleDateString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

/** Interactions per week over the last year, one bar a week. A click on a bar selects its week, another one lets go. */
export class ActivityStrip extends Component {
    static template = "crm_plus.ActivityStrip";
    static props = {
        weeks: { type: Array, element: { type: Object, shape: { start: String, count: Number } } },
        dateFrom: { type: [String, Boolean], optional: true },
        dateTo: { type: [String, Boolean], optional: true },
        onSelect: Function,
    };

    setup() {
        this.root = useRef("root");
        this.state = useState({ focused: this.props.weeks.length - 1 });
    }

    get bars() {
        const { weeks, dateFrom, dateTo } = this.props;
        const heights = barHeights(weeks.map((week) => week.count));
        return weeks.map((week, index) => {
            const start = deserializeDate(week.start);
            const end = serializeDate(start.plus({ days: 6 }));
            return {
                ...week,
                end,
                index,
                height: heights[index],
                isSelected: week.start === dateFrom && end === dateTo,
                label: this.label(start, week.count),
            };
        });
    }

    label(start, count) {
        const day = toLocaleDateString(start);
        if (!count) {
            return _t("Week of %(day)s: no interactions", { day });
        }
        return count === 1
            ? _t("Week of %(day)s: 1 interaction", { day })
            : _t("Week of %(day)s: %(count)s interactions", { day, count });
    }

    get firstDay() {
        return dayText(this.props.weeks[0].start);
    }

    onClick(bar) {
        this.state.focused = bar.index;
        this.props.onSelect(bar.isSelected ? {} : { date_from: bar.start, date_to: bar.end });
    }

    onKeydown(ev) {
        const { focused } = this.state;
        const target = moveTo(focused, ev.key, this.props.weeks.length, isRtl());
        if (target !== focused) {
            ev.preventDefault();
            this.state.focused = target;
            this.root.el.querySelectorAll("button")[target].focus();
        }
    }
}
