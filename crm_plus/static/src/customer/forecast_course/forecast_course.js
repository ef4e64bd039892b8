import { Component } from "@odoo/owl";

import { courseLines } from "@crm_plus/customer/forecast_course/course_lines";
import { isRtl } from "@crm_plus/shared/texts";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Orders forecast and orders that came since the day of the forecast, added up week by week. */
export class ForecastCourse extends Component {
    static template = "crm_plus.ForecastCourse";
    static props = { ...standardFieldProps };

    isRtl = isRtl();

    get points() {
        return this.props.record.data[this.props.name] || [];
    }

    get drawn() {
        return courseLines(this.points);
    }

    get rows() {
        return this.points.map(({ day, forecast, came, repeated }) => ({
            day,
            forecast: formatInteger(Math.round(forecast)),
            came: formatInteger(came),
            repeated: formatInteger(Math.round(repeated)),
        }));
    }

    get topText() {
        return _t("%s orders in total", formatInteger(Math.round(this.drawn.top)));
    }

    get endText() {
        return _t("%s days later", this.points.at(-1).day);
    }
}

registry.category("fields").add("crm_forecast_course", {
    component: ForecastCourse,
    displayName: _t("Forecast and actual orders by week"),
    supportedTypes: ["json"],
});
