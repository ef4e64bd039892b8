/* global Chart */
import { Component, onWillStart, onWillUnmount, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";

import { figureText } from "@crm_plus/kpi/overview/overview_texts";
import { dayText } from "@crm_plus/shared/calendar_day/calendar_day";
import { LoadFailed, tried } from "@crm_plus/shared/load_failed/load_failed";
import { isRtl } from "@crm_plus/shared/texts";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

const LINE = "#0b6aa2";

/** One figure over time as a line, and as a table for who cannot see lines; the host's charts are loaded when needed. */
export class CourseLine extends Component {
    static template = "crm_plus.CourseLine";
    static components = { LoadFailed };
    static props = { figure: Object, chosen: Object, currencyId: Number };

    setup() {
        this.orm = useService("orm");
        this.answers = new KeepLast();
        this.canvas = useRef("canvas");
        this.state = useState({ points: [], isFailed: false });
        this.load = this.load.bind(this);
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load(this.props)]));
        onWillUpdateProps((props) => this.load(props));
        useEffect(
            () => this.draw(),
            () => [this.state.points]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    async load({ figure, chosen } = this.props) {
        const call = this.orm.silent.call("crm.kpi.day", "overview_course", [figure.code, chosen]);
        const { answer, isFailed } = await tried(this.answers.add(call));
        Object.assign(this.state, { points: answer ?? [], isFailed });
    }

    get rows() {
        return this.state.points.map(({ day, value, replayed }) => ({
            day: dayText(day),
            value: this.text(value),
            origin: replayed ? _t("counted from documents") : _t("recorded"),
        }));
    }

    text(value) {
        return figureText(this.props.figure, value, this.props.currencyId);
    }

    draw() {
        this.chart?.destroy();
        this.chart = null;
        if (!this.canvas.el) {
            return;
        }
        const { points } = this.state;
        this.chart = new Chart(this.canvas.el, {
            type: "line",
            data: {
                labels: points.map(({ day }) => dayText(day)),
                datasets: [{ data: points.map(({ value }) => (value === false ? null : value)), borderColor: LINE, pointRadius: 2 }],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                plugins: {
                    legend: { display: false },
                    tooltip: { callbacks: { label: ({ parsed }) => this.text(parsed.y) } },
                },
                scales: {
                    x: { reverse: isRtl(), ticks: { maxTicksLimit: 8 } },
                    y: { position: isRtl() ? "right" : "left", ticks: { callback: (value) => this.text(value) } },
                },
            },
        });
    }
}
