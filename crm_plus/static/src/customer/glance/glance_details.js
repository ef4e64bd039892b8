import { Component, onWillStart, useState } from "@odoo/owl";

import { windowOf } from "@crm_plus/customer/glance/glance_card";
import { RfmGauge } from "@crm_plus/customer/rfm_gauge/rfm_gauge";
import { SparkBars } from "@crm_plus/customer/spark_bars/spark_bars";
import { StayStrip } from "@crm_plus/loyalty/stay_strip/stay_strip";
import { withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { failure } from "@crm_plus/shared/load_failed/load_failed";
import { Why } from "@crm_plus/shared/why/why";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

/** What is behind the card of a customer: scores, stays in segments and tiers, revenue by month, and the source of it. */
export class GlanceDetails extends Component {
    static template = "crm_plus.GlanceDetails";
    static components = { RfmGauge, SparkBars, StayStrip, Why };
    static props = { partnerId: Number, onDay: Function };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.answers = new KeepLast();
        this.state = useState({ details: { state: "loading" } });
        onWillStart(() => {
            this.load();
        });
    }

    get details() {
        return this.state.details;
    }

    get sinceText() {
        return _t("Revenue, %s months", this.details.months.length);
    }

    open(opens) {
        return this.action.doAction(windowOf(opens));
    }

    async load() {
        try {
            const { months, history, ...texts } = await this.answers.add(
                this.orm.silent.call("crm.customer.profile", "glance_details", [this.props.partnerId])
            );
            this.state.details = { ...withDays(texts), months, history };
        } catch (error) {
            this.state.details = { state: failure(error) && "failed" };
        }
    }
}
