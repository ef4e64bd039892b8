import { _t } from "@web/core/l10n/translation";
import * as spreadsheet from "@odoo/o-spreadsheet";
import { OdooUIPlugin } from "@spreadsheet/plugins";

const { featurePluginRegistry, functionRegistry } = spreadsheet.registries;
const { arg, toJsDate, toNumber, toString } = spreadsheet.helpers;

/** Asks the server for figures of days: all that the cells of a sheet need, in one call. */
export class FigurePlugin extends OdooUIPlugin {
    static getters = /** @type {const} */ (["getCrmFigure"]);

    constructor(config) {
        super(config);
        this.serverData = config.custom.odooDataProvider?.serverData;
    }

    getCrmFigure(request) {
        return this.serverData.batch.get("crm.kpi.day", "figures_for_spreadsheet", request);
    }
}
featurePluginRegistry.add("crmFigures", FigurePlugin);

const COLUMNS = ["segment_ids", "tier_ids", "team_ids", "company_ids"];

/** "3, 5" or 3, as ODOO.FILTER.VALUE gives them: [3, 5]. */
export function toIds(argument) {
    return toString(argument)
        .split(",")
        .map(Number)
        .filter((id) => Number.isInteger(id) && id > 0);
}

function toDay(argument, locale) {
    if (!toString(argument)) {
        return false;
    }
    const date = toJsDate(toNumber(argument, locale), locale);
    return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
        .map((part) => String(part).padStart(2, "0"))
        .join("-");
}

function request(figure, dateFrom, dateTo, records, locale) {
    return {
        figure: toString(figure).trim(),
        date_from: toDay(dateFrom, locale),
        date_to: toDay(dateTo, locale),
        ...Object.fromEntries(COLUMNS.map((name, index) => [name, toIds(records[index])])),
    };
}

/** A number of the server as a cell: percents as a share, empty where there is none. */
function toCell(getters, number, { unit, company_id }) {
    if (number === false) {
        return { value: "" };
    }
    switch (unit) {
        case "percent":
            return { value: number / 100, format: "0.0%" };
        case "hours":
            return { value: number, format: "#,##0.0" };
        case "money":
            return { value: number, format: getters.getCompanyCurrencyFormat(company_id) || "#,##0.00" };
        default:
            return { value: number, format: "#,##0" };
    }
}

const PERIOD_ARGS = () => [
    arg("figure (string)", _t("The technical name of the figure, as in revenue.")),
    arg("date_from (date, optional)", _t("The first day.")),
    arg("date_to (date, optional)", _t("The last day, included.")),
    arg("segment_ids (string, optional)", _t("Segments, by their ids, separated by commas.")),
    arg("tier_ids (string, optional)", _t("Tiers, by their ids, separated by commas.")),
    arg("team_ids (string, optional)", _t("Sales teams, by their ids, separated by commas.")),
    arg("company_ids (string, optional)", _t("Companies, by their ids, separated by commas.")),
];

for (const [name, part, description] of [
    ["ODOO.CRM.FIGURE", "value", _t("What a figure of CRM Plus comes to in a period.")],
    ["ODOO.CRM.TARGET", "target", _t("The target of a figure of CRM Plus in a period.")],
]) {
    functionRegistry.add(name, {
        description,
        category: "Odoo",
        args: PERIOD_ARGS(),
        returns: ["NUMBER"],
        compute: function (figure, dateFrom, dateTo, ...records) {
            const asked = request(figure, dateFrom, dateTo, records, this.locale);
            const found = this.getters.getCrmFigure(asked);
            return toCell(this.getters, found[part], found);
        },
    });
}

functionRegistry.add("ODOO.CRM.FIGURE.NAME", {
    description: _t("The name of a figure of CRM Plus."),
    category: "Odoo",
    args: PERIOD_ARGS().slice(0, 1),
    returns: ["STRING"],
    compute: function (figure) {
        return { value: this.getters.getCrmFigure(request(figure, "", "", [], this.locale)).label };
    },
});
