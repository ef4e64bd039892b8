import { Component, onMounted, onWillUnmount, onWillUpdateProps, useRef, useState } from "@odoo/owl";

import { CountedAt } from "@crm_plus/shared/counted_at/counted_at";
import { LoadFailed, tried } from "@crm_plus/shared/load_failed/load_failed";
import { Waiting } from "@crm_plus/shared/waiting/waiting";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

/** A card of the overview that is counted once it comes into view; its slot shows what the server answers. */
export class LaterCard extends Component {
    static template = "crm_plus.LaterCard";
    static components = { CountedAt, LoadFailed, Waiting };
    static props = { card: String, chosen: Object, slots: Object };

    setup() {
        this.orm = useService("orm");
        this.answers = new KeepLast();
        this.root = useRef("root");
        this.state = useState({ data: null, isFailed: false, isLoading: false });
        this.load = this.load.bind(this);
        onMounted(() => {
            this.observer = new IntersectionObserver((entries) => {
                if (entries.some(({ isIntersecting }) => isIntersecting)) {
                    this.observer.disconnect();
                    this.load();
                }
            });
            this.observer.observe(this.root.el);
        });
        onWillUnmount(() => this.observer.disconnect());
        onWillUpdateProps((props) => {
            if (props.chosen !== this.props.chosen && (this.state.data || this.state.isFailed || this.state.isLoading)) {
                this.load(props);
            }
        });
    }

    /** Again: not what is kept from some minutes ago. */
    async load({ card, chosen } = this.props, again = false) {
        this.state.isLoading = true;
        const call = this.orm.silent.call("crm.kpi.day", "overview_card", [card, chosen], again ? { again } : {});
        const { answer, isFailed } = await tried(this.answers.add(call));
        Object.assign(this.state, { data: answer, isFailed, isLoading: false });
    }
}
