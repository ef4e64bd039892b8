import { patch } from "@web/core/utils/patch";
import { getDateDomain, getDateRange } from "@spreadsheet/global_filters/helpers";
import { GlobalFiltersCoreViewPlugin } from "@spreadsheet/global_filters/plugins/global_filters_core_view_plugin";

const ROLLING = ["last_7_days", "last_30_days", "last_90_days"];
const TO_DATE = ["month_to_date", "year_to_date"];

/**
 * How many days earlier the first and the last day of a period are when today does not belong to it: figures are
 * recorded up to yesterday, which is where the periods of the overview end.
 */
export function earlier(value) {
    if (value?.type !== "relative") {
        return [0, 0];
    }
    if (ROLLING.includes(value.period)) {
        return [1, 1];
    }
    const { from, to } = getDateRange(value);
    return [0, Number(TO_DATE.includes(value.period) && !from.hasSame(to, "day"))];
}

/** A date filter with `crmWholeDays` leaves today out, where it is used in a formula and where it narrows records. */
patch(GlobalFiltersCoreViewPlugin.prototype, {
    _getDateDomain(filter, fieldMatching) {
        const value = this.getGlobalFilterValue(filter.id);
        if (!filter.crmWholeDays || value?.type !== "relative") {
            return super._getDateDomain(filter, fieldMatching);
        }
        const { chain, type, offset } = fieldMatching;
        const { from, to } = getDateRange(value, offset);
        const [first, last] = earlier(value);
        return getDateDomain(from.minus({ days: first }), to.minus({ days: last }), chain, type);
    },

    _getDateFilterDisplayValue(filter) {
        const cells = super._getDateFilterDisplayValue(filter);
        if (!filter.crmWholeDays) {
            return cells;
        }
        const days = earlier(this.getGlobalFilterValue(filter.id));
        return cells.map(([cell], index) => [{ ...cell, value: cell.value && cell.value - days[index] }]);
    },
});
