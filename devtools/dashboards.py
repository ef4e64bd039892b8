"""`./dev dashboards`: the spreadsheets of `crm_plus_spreadsheet_dashboard`, laid out here and written as JSON."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from devtools.common import ROOT, say

FILES = ROOT / "crm_plus_spreadsheet_dashboard" / "data" / "files"
MODEL = "crm.kpi.day"
# Figures of the whole company, unless a filter asks for a part of it (see the model in the add-on).
WHOLE = {"crm_plus_whole_company": True}
PERIOD, COMPANY, SEGMENT, TIER, TEAM = "period", "company", "segment", "tier", "team"
FILTERS = {
    # Up to yesterday, as the overview: see `whole_days.js` of the add-on.
    PERIOD: {"type": "date", "label": "Period", "defaultValue": "last_90_days", "crmWholeDays": True},
    COMPANY: {"type": "relation", "label": "Company", "modelName": "res.company"},
    SEGMENT: {"type": "relation", "label": "Segment", "modelName": "crm.segment"},
    TIER: {"type": "relation", "label": "Tier", "modelName": "crm.tier"},
    TEAM: {"type": "relation", "label": "Sales team", "modelName": "crm.team"},
}
GREY, BLUE, SAND, TEAL = "#434343", "#EFF6FF", "#FFF7ED", "#01666B"
ROW = 23  # pixels
# Columns of the first sheet and their widths; figures stand left of the gap, what is broken down right of it.
WIDTHS = (205, 105, 105, 80, 105, 80, 25, 165, 85, 85, 110)
LEFT, RIGHT = sum(WIDTHS[:6]), sum(WIDTHS[7:])
CARD_ROWS, CHART_ROWS = 6, 16
TABLE_ROW = 2 + CARD_ROWS + CHART_ROWS  # the first row of the tables, counted from 1


@dataclass(frozen=True)
class Chart:
    """Figures by month: a line of one, bars of several."""

    title: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Breakdown:
    """The figures of each segment, tier or team in the period, best first."""

    title: str
    dimension: str
    figures: tuple[tuple[str, str], ...]  # code and heading
    rows: int


@dataclass(frozen=True)
class Dashboard:
    """What one of the files shows."""

    filters: tuple[str, ...]
    cards: tuple[str, ...]
    charts: tuple[Chart, Chart]
    figures: tuple[str, ...]
    breakdowns: tuple[Breakdown, ...]


OF_A_PLACE = (("customers", "Customers"), ("revenue", "Revenue"), ("average_order", "Average order"))
OF_A_TEAM = (("leads", "Leads"), ("won_leads", "Won"), ("win_rate", "Win rate (%)"))
DASHBOARDS = {
    "customers": Dashboard(
        (PERIOD, COMPANY, SEGMENT, TIER),
        ("customers", "active_customers", "new_customers", "lost_customers", "revenue", "average_order"),
        (
            Chart("Revenue", ("revenue",)),
            Chart("Customers who come and go", ("new_customers", "won_back_customers", "lost_customers")),
        ),
        ("customers", "active_customers", "new_customers", "lost_customers", "won_back_customers", "retention",
         "revenue_retention", "repeat_rate", "revenue", "orders", "average_order", "margin", "margin_rate",
         "revenue_at_risk", "customer_equity", "contacted", "satisfaction", "nps", "detractors", "data_quality",
         "opt_outs"),
        (
            Breakdown("Segments", SEGMENT, OF_A_PLACE, 11),
            Breakdown("Tiers", TIER, OF_A_PLACE, 5),
        ),
    ),
    "leads": Dashboard(
        (PERIOD, COMPANY, TEAM),
        ("leads", "won_leads", "lost_leads", "win_rate", "hot_leads", "contacts_out"),
        (
            Chart("New leads", ("leads",)),
            Chart("Won and lost", ("won_leads", "lost_leads")),
        ),
        ("leads", "hot_leads", "won_leads", "lost_leads", "win_rate", "response_time", "contacts_out", "contacts_in",
         "contacted", "activities_done", "activities_overdue"),
        (Breakdown("Sales teams", TEAM, OF_A_TEAM, 8),),
    ),
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command takes none."""
    parser.set_defaults(call=write)


def write(_options) -> int:
    """Write all files."""
    for path, text in files().items():
        path.write_text(text)
        say(f"written: {path.relative_to(ROOT)}")
    return 0


def files() -> dict[Path, str]:
    """The text of each file."""
    return {
        FILES / f"{name}_dashboard.json": json.dumps(document(one), indent=1, ensure_ascii=False) + "\n"
        for name, one in DASHBOARDS.items()
    }


def document(of: Dashboard) -> dict:
    """A spreadsheet as the host stores it."""
    data_rows = {code: number + 2 for number, code in enumerate(dict.fromkeys(of.cards + of.figures))}
    pivots = {str(number): _pivot(number, one, of.filters) for number, one in enumerate(of.breakdowns, 1)}
    menus = {f"card_{code}": "crm_plus.crm_kpi_day_menu" for code in of.cards}
    return {
        "version": "18.5.10",
        "sheets": [_dashboard_sheet(of, data_rows), _data_sheet(of, data_rows)],
        "styles": {
            "1": {"textColor": TEAL, "bold": True, "fontSize": 16},
            "2": {"bold": True, "fontSize": 11, "textColor": GREY},
            "3": {"bold": True, "fontSize": 11, "textColor": GREY, "align": "right"},
            "4": {"textColor": GREY},
            "5": {"bold": True},
            "6": {"textColor": "#B45309", "italic": True},
        },
        "formats": {"1": "#,##0", "2": "0.0%", "3": "#,##0.0"},
        "borders": {"1": {"bottom": {"style": "thin", "color": "#CCCCCC"}}},
        "revisionId": "START_REVISION",
        "uniqueFigureIds": True,
        "settings": {
            "locale": {
                "name": "English (US)", "code": "en_US", "thousandsSeparator": ",", "decimalSeparator": ".",
                "dateFormat": "mm/dd/yyyy", "timeFormat": "hh:mm:ss", "formulaArgSeparator": ",", "weekStart": 7,
            }
        },
        "pivots": pivots,
        "pivotNextId": len(pivots) + 1,
        "customTableStyles": {},
        "globalFilters": [{"id": name, **FILTERS[name]} for name in of.filters],
        "lists": {},
        "listNextId": 1,
        "chartOdooMenusReferences": menus,
    }  # fmt: skip


def _dashboard_sheet(of: Dashboard, data_rows: dict[str, int]) -> dict:
    cells, styles, formats, borders = {}, {}, {}, {}
    top, others = TABLE_ROW, sum(WIDTHS[:7])
    cells["A1"], styles["A1"] = "=Data!B1", 6
    charts_row = CARD_ROWS + 2
    _title(cells, styles, f"A{top}", "Figures")
    headings = ("Figure", "Period", "Before", "Change", "Target", "Reached")
    for column, heading in zip("ABCDEF", headings, strict=True):
        cells[f"{column}{top + 1}"], styles[f"{column}{top + 1}"] = f'=_t("{heading}")', 2 if column == "A" else 3
    borders[f"A{top + 1}:F{top + 1}"] = 1
    for row, code in enumerate(of.figures, top + 2):
        data = data_rows[code]
        cells |= {f"{column}{row}": f"=Data!{column}{data}" for column in "ABC"}
        if code in POINTS:
            cells[f"D{row}"] = f'=IF(OR(Data!B{data}="",Data!C{data}=""),"",B{row}-C{row})'
            formats[f"D{row}"] = 1
        else:
            cells[f"D{row}"] = f'=IF(OR(Data!B{data}="",Data!C{data}="",Data!C{data}=0),"",B{row}/C{row}-1)'
            formats[f"D{row}"] = 2
        cells[f"E{row}"] = f"=Data!D{data}"
        cells[f"F{row}"] = f'=IF(OR(Data!B{data}="",Data!D{data}="",Data!D{data}=0),"",B{row}/E{row})'
    last = top + 1 + len(of.figures)
    styles[f"A{top + 2}:F{last}"] = 4
    formats[f"F{top + 2}:F{last}"] = 2
    row = top
    for number, one in enumerate(of.breakdowns, 1):
        _breakdown(cells, styles, formats, borders, row, number, one)
        row += one.rows + 3
    card_width = (others + RIGHT - 10 * (len(of.cards) - 1)) // len(of.cards)
    figures = [
        _card(code, data_rows[code], number * (card_width + 10), card_width) for number, code in enumerate(of.cards)
    ]
    y = ROW * (charts_row - 1)
    for number, (chart, x, width) in enumerate(zip(of.charts, (0, others), (LEFT, RIGHT), strict=True), 1):
        figures.append(_chart(f"chart_{number}", chart, of.filters, x, y, width))
    return {
        "id": "dashboard", "name": "Dashboard", "colNumber": len(WIDTHS), "rowNumber": max(last, row) + 1,
        "rows": {str(line - 1): {"size": 34} for line in (top,)},
        "cols": {str(number): {"size": width} for number, width in enumerate(WIDTHS)},
        "merges": [], "cells": cells, "styles": styles, "formats": formats, "borders": borders,
        "conditionalFormats": [], "dataValidationRules": [], "figures": figures, "tables": [],
        "areGridLinesVisible": False, "isVisible": True, "headerGroups": {"ROW": [], "COL": []}, "comments": {},
    }  # fmt: skip


def _title(cells: dict, styles: dict, cell: str, text: str) -> None:
    cells[cell], styles[cell] = f'=_t("{text}")', 1


def _breakdown(cells, styles, formats, borders, row, number, one) -> None:
    """A table of the records of a dimension, by the places in its pivot."""
    field = f"{one.dimension}_id"
    _title(cells, styles, f"H{row}", one.title)
    borders[f"H{row + 1}:K{row + 1}"] = 1
    for column, (_code, heading) in zip("IJK", one.figures, strict=True):
        cells[f"{column}{row + 1}"], styles[f"{column}{row + 1}"] = f'=_t("{heading}")', 3
    for place in range(1, one.rows + 1):
        line = row + 1 + place
        cells[f"H{line}"] = f'=PIVOT.HEADER({number},"#{field}",{place})'
        for column, (code, _heading) in zip("IJK", one.figures, strict=True):
            cells[f"{column}{line}"] = f'=PIVOT.VALUE({number},"value","#{field}",{place},"figure","{code}")'
    lines = f"{row + 2}:{{}}{row + 1 + one.rows}"
    styles["H" + lines.format("K")] = 4
    formats["I" + lines.format("K")] = 1


def _data_sheet(of: Dashboard, data_rows: dict[str, int]) -> dict:
    """Each figure in the period, in the one before, and its target."""
    places = ",".join(f"$G${3 + list(FILTERS).index(name)}" for name in (SEGMENT, TIER, TEAM, COMPANY))
    cells = {
        "A1": '=_t("Note")',
        "B1": _note(of, data_rows),
        "F1": '=_t("From")', "G1": "=IF(G8=\"\",\"\",G8)",
        "F2": '=_t("Until")', "G2": "=IF(H8=\"\",\"\",H8)",
        "F8": '=_t("Period")', "G8": '=ODOO.FILTER.VALUE("Period")',
        "F9": '=_t("Before")',
        "G9": '=IF(OR(G8="",H8=""),"",G8-(H8-G8)-1)', "H9": '=IF(OR(G8="",H8=""),"",G8-1)',
    }  # fmt: skip
    for name, known in FILTERS.items():
        if name != PERIOD:
            line = 3 + list(FILTERS).index(name)
            cells[f"F{line}"] = f'=_t("{known["label"]}")'
            cells[f"G{line}"] = f'=ODOO.FILTER.VALUE("{known["label"]}")' if name in of.filters else '=""'
    for code, row in data_rows.items():
        cells[f"A{row}"] = f'=ODOO.CRM.FIGURE.NAME("{code}")'
        cells[f"B{row}"] = f'=ODOO.CRM.FIGURE("{code}",$G$1,$G$2,{places})'
        cells[f"C{row}"] = f'=IF($G$9="","",ODOO.CRM.FIGURE("{code}",$G$9,$H$9,{places}))'
        cells[f"D{row}"] = f'=ODOO.CRM.TARGET("{code}",$G$1,$G$2,{places})'
    return {
        "id": "data", "name": "Data", "colNumber": 8, "rowNumber": max(data_rows.values()) + 1, "rows": {},
        "cols": {"0": {"size": 210}, "5": {"size": 110}},
        "merges": [], "cells": cells, "styles": {"A1:H1": 5}, "formats": {}, "borders": {},
        "conditionalFormats": [], "dataValidationRules": [], "figures": [], "tables": [],
        "areGridLinesVisible": True, "isVisible": True, "headerGroups": {"ROW": [], "COL": []}, "comments": {},
    }  # fmt: skip


def _note(of: Dashboard, data_rows: dict[str, int]) -> str:
    """Why there is nothing to see, where there is nothing."""
    first = f"B{data_rows[of.cards[0]]}"
    nothing = '_t("Figures are recorded every night; those of the past follow after the installation.")'
    if SEGMENT not in of.filters:
        return f'=IF({first}="",{nothing},"")'
    places = [f"G{3 + list(FILTERS).index(name)}" for name in (SEGMENT, TIER)]
    both = '_t("Figures are recorded by segment or by tier: choose tiers, or segments of one group.")'
    chosen = ",".join(f'{place}<>""' for place in places)
    return f'=IF({first}<>"","",IF(OR({chosen}),{both},{nothing}))'


def _matching(filters: tuple[str, ...], leave_out: tuple[str, ...] = ()) -> dict:
    """Which field of a figure of a day each filter narrows."""
    known = {PERIOD: {"chain": "date", "type": "date", "offset": 0}}
    known |= {name: {"chain": f"{name}_id", "type": "many2one"} for name in (COMPANY, SEGMENT, TIER, TEAM)}
    return {name: known[name] for name in filters if name not in leave_out}


def _pivot(number: int, one: Breakdown, filters: tuple[str, ...]) -> dict:
    field = f"{one.dimension}_id"
    others = tuple(name for name in (SEGMENT, TIER, TEAM) if name != one.dimension)
    best = next(code for code, _heading in one.figures if code in ("revenue", "leads"))
    return {
        "type": "ODOO", "id": str(number), "formulaId": str(number), "name": one.title, "model": MODEL,
        "domain": [["dimension", "=", one.dimension], ["figure", "in", [code for code, _heading in one.figures]]],
        "context": {},
        "measures": [{"id": "value", "fieldName": "value", "aggregator": "sum"}],
        "rows": [{"fieldName": field}], "columns": [{"fieldName": "figure"}],
        "sortedColumn": {
            "measure": "value", "order": "desc", "domain": [{"field": "figure", "value": best, "type": "selection"}],
        },
        "fieldMatching": _matching(filters, others),
    }  # fmt: skip


def _card(code: str, row: int, x: int, width: int) -> dict:
    figure = f"card_{code}"
    return {
        "id": figure, "col": 0, "row": 0, "offset": {"x": x, "y": ROW + 4}, "width": width, "height": 104,
        "tag": "chart",
        "data": {
            "type": "scorecard", "chartId": figure, "keyValue": f"Data!B{row}", "baseline": f"Data!C{row}",
            "title": {"text": CARD_TITLES[code], "bold": True, "color": GREY}, "baselineMode": "percentage",
            # so small that it is not cut in other languages either, beside a change of four digits
            "baselineDescr": {"text": "vs. before", "fontSize": 13}, "humanize": True,
            "background": SAND if code in MONEY else BLUE,
            "baselineColorUp": RED if code in LESS_IS_BETTER else GREEN,
            "baselineColorDown": GREEN if code in LESS_IS_BETTER else RED,
        },
    }  # fmt: skip


GREEN, RED = "#00A04A", "#DC6965"
POINTS = {"nps"}  # may be below zero: a change is a difference
MONEY = {"revenue", "average_order"}
LESS_IS_BETTER = {"lost_customers", "lost_leads"}
# As the figures are called by the field.
CARD_TITLES = {
    "customers": "Customers", "active_customers": "Active customers", "new_customers": "New customers",
    "lost_customers": "Lost customers", "revenue": "Revenue", "average_order": "Average order", "leads": "New leads",
    "won_leads": "Won leads", "win_rate": "Win rate", "hot_leads": "Hot leads",
    "lost_leads": "Lost leads", "contacts_out": "Outgoing contacts",
}  # fmt: skip


def _chart(figure: str, one: Chart, filters: tuple[str, ...], x: int, y: int, width: int) -> dict:
    several = len(one.figures) > 1
    group_by = ["date:month", *(["figure"] if several else [])]
    return {
        "id": figure, "col": 0, "row": 0, "offset": {"x": x, "y": y}, "width": width,
        "height": ROW * (CHART_ROWS - 1), "tag": "chart",
        "data": {
            "type": "odoo_bar" if several else "odoo_line", "chartId": figure,
            # in the middle: on a phone the choice of months stands at an end
            "title": {"text": one.title, "bold": True, "fontSize": 16, "color": TEAL, "align": "center"},
            "background": "#FFFFFF", "legendPosition": "top" if several else "none",
            "metaData": {
                "groupBy": group_by, "measure": "value", "order": None, "resModel": MODEL,
                "mode": "bar" if several else "line", "cumulatedStart": False,
            },
            "searchParams": {
                "comparison": None, "context": WHOLE, "domain": [["figure", "in", list(one.figures)]],
                "groupBy": group_by, "orderBy": [],
            },
            "dataSets": [{} for _figure in one.figures], "verticalAxisPosition": "left", "stacked": False,
            "cumulatedStart": False, "fillArea": not several, "fieldMatching": _matching(filters),
        },
    }  # fmt: skip
