import { Component } from "@odoo/owl";

import { usePopover } from "@web/core/popover/popover_hook";
import { uniqueId } from "@web/core/utils/functions";

/** The sentences that explain a number. */
export class WhyPopover extends Component {
    static template = "crm_plus.WhyPopover";
    static props = { id: String, lines: { type: Array, element: String }, close: { type: Function, optional: true } };
}

/** Whatever it encloses explains itself while the pointer is on it, it has the focus, or it was touched. */
export class Why extends Component {
    static template = "crm_plus.Why";
    static props = {
        lines: { type: Array, element: String },
        class: { type: String, optional: true },
        slots: Object,
    };

    setup() {
        this.id = uniqueId("o_crm_why_");
        this.popover = usePopover(WhyPopover, {
            animation: false,
            closeOnClickAway: true,
            position: "bottom-middle",
            setActiveElement: false,
        });
    }

    open(ev) {
        if (!this.popover.isOpen && this.props.lines.length) {
            this.popover.open(ev.currentTarget, { id: this.id, lines: this.props.lines });
        }
    }

    close() {
        this.popover.close();
    }

    onKeydown(ev) {
        if (ev.key === "Escape" && this.popover.isOpen) {
            ev.stopPropagation();
            this.close();
        }
    }
}
