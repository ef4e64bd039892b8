import { Component } from "@odoo/owl";

import { forecastLines } from "@crm_plus/customer/forecast_check/forecast_lines";
import { isRtl, numberText } from "@crm_plus/shared/texts";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Whether a forecast of orders came true, for customers with few and with many earlier orders. */
export class ForecastCheck extends Component {
    static template = "crm_plus.ForecastCheck";
    static props = { ...standardFieldProps };

    isRtl = isRtl();

    get groups() {
        return this.props.record.data[this.props.name] || [];
    }

    get drawn() {
        return forecastLines(this.groups);
    }

    get rows() {
        return this.groups.map((group, index) => ({
            orders: this.ordersText(group, index === this.groups.length - 1),
            customers: formatInteger(group.customers),
            forecast: numberText(group.forecast, 2),
            came: numberText(group.came, 2),
            repeated: numberText(group.repeated, 2),
        }));
    }

    /** The last group also holds those with more. */
    ordersText({ orders }, isLast) {
        return isLast ? _t("%s or more", orders) : `${orders}`;
    }

    get topText() {
        return _t("%s orders per customer", numberText(this.drawn.top, 1));
    }
}

registry.category("fields").add("crm_forecast_check", {
    component: ForecastCheck,
    displayName: _t("Forecast and actual orders"),
    supportedTypes: ["json"],
});
