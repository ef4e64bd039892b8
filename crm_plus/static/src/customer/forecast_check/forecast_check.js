import { Component } from "@odoo/owl";

import { forecastLines } from "@crm_plus/customer/forecast_check/forecast_lines";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const DIGITS = { digits: [16, 2] };

/** Whether a forecast of orders came true, for customers with few and with many earlier orders. */
export class ForecastCheck extends Component {
    static template = "crm_plus.ForecastCheck";
    static props = { ...standardFieldProps };

    get groups() {
        return this.props.record.data[this.props.name] || [];
    }

    get drawn() {
        return forecastLines(this.groups);
    }

    get isRtl() {
        return localization.direction === "rtl";
    }

    get rows() {
        return this.groups.map((group, index) => ({
            orders: this.ordersText(group, index === this.groups.length - 1),
            customers: formatInteger(group.customers),
            forecast: formatFloat(group.forecast, DIGITS),
            came: formatFloat(group.came, DIGITS),
            repeated: formatFloat(group.repeated, DIGITS),
        }));
    }

    /** The last group also holds those with more. */
    ordersText({ orders }, isLast) {
        return isLast ? _t("%s or more", orders) : `${orders}`;
    }

    get topText() {
        return _t("%s orders per customer", formatFloat(this.drawn.top, { digits: [16, 1] }));
    }
}

registry.category("fields").add("crm_forecast_check", {
    component: ForecastCheck,
    displayName: _t("Forecast and orders"),
    supportedTypes: ["json"],
});
