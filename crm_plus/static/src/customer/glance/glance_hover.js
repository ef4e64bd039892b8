import { Component, onWillUnmount } from "@odoo/owl";

import { GlanceAction } from "@crm_plus/customer/glance/glance_action";
import { GlanceCard } from "@crm_plus/customer/glance/glance_card";
import { loadGlance } from "@crm_plus/customer/glance/glance_data";
import { failure } from "@crm_plus/shared/load_failed/load_failed";
import { browser } from "@web/core/browser/browser";
import { hasTouch } from "@web/core/browser/feature_detection";
import { usePopover } from "@web/core/popover/popover_hook";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";
import { Many2One } from "@web/views/fields/many2one/many2one";

/** How long the pointer rests on a contact before the card appears, and how long it may be on its way to the card. */
export const REST = 400;
export const LEAVE = 250;
const GROUPS = ["crm_plus.group_crm_plus_user", "crm_plus.group_crm_plus_reader"];

/** The card of a customer beside the field that names them. */
export class GlancePopover extends Component {
    static template = "crm_plus.GlancePopover";
    static components = { GlanceAction, GlanceCard };
    static props = {
        card: Object,
        onEnter: Function,
        onLeave: Function,
        close: { type: Function, optional: true },
    };
}

/** Nobody asked for the card: as long as the server cannot be asked, there is none. */
async function maySeeCards() {
    try {
        return (await Promise.all(GROUPS.map((group) => user.hasGroup(group)))).some(Boolean);
    } catch (error) {
        failure(error);
        return false;
    }
}

/** Every field that names a contact shows their card: to the pointer that rests on it, and by a button. */
patch(Many2One.prototype, {
    setup() {
        super.setup(...arguments);
        if (this.props.relation !== "res.partner") {
            return;
        }
        this.glanceOptions = {
            animation: false,
            closeOnClickAway: true,
            popoverClass: "o_crm_glance_popover",
            position: "bottom-start",
            setActiveElement: false,
        };
        this.glance = usePopover(GlancePopover, this.glanceOptions);
        this.glanceTimer = null;
        onWillUnmount(() => browser.clearTimeout(this.glanceTimer));
    },

    get hasGlance() {
        return Boolean(this.glance && this.props.value?.id);
    },

    get hasGlanceButton() {
        return this.hasGlance && this.props.canOpen && !this.state.isFloating;
    },

    /** Without a pointer that could rest on something, the button is always there. */
    get isGlanceButtonKept() {
        return hasTouch();
    },

    onGlanceEnter(ev) {
        if (!this.hasGlance || hasTouch()) {
            return;
        }
        const target = ev.currentTarget;
        browser.clearTimeout(this.glanceTimer);
        if (!this.glance.isOpen) {
            this.glanceTimer = browser.setTimeout(() => {
                // Who is typing wants to choose, not to read.
                if (!target.contains(document.activeElement)) {
                    this.showGlance(target);
                }
            }, REST);
        }
    },

    onGlanceLeave() {
        if (this.glance) {
            browser.clearTimeout(this.glanceTimer);
            this.glanceTimer = browser.setTimeout(() => this.glance.close(), LEAVE);
        }
    },

    /** Whatever is pressed, the pointer has more to do than to rest. */
    onGlancePress() {
        if (this.glance) {
            browser.clearTimeout(this.glanceTimer);
            this.glance.close();
        }
    },

    /** Whoever asked by a key goes on by keys: from figure to figure, and back with Escape. */
    onGlanceClick(ev) {
        return this.showGlance(ev.currentTarget, ev.detail === 0);
    },

    async showGlance(target, hasFocus = false) {
        const partnerId = this.props.value?.id;
        const timer = this.glanceTimer;
        if (!partnerId || !(await maySeeCards())) {
            return;
        }
        const card = await loadGlance(this.orm, partnerId);
        // Meanwhile the pointer may have left, or the field may name somebody else.
        if (card.state === "ready" && timer === this.glanceTimer && partnerId === this.props.value?.id && target.isConnected) {
            this.glanceOptions.setActiveElement = hasFocus;
            this.glance.open(target, {
                card,
                onEnter: () => browser.clearTimeout(this.glanceTimer),
                onLeave: () => this.onGlanceLeave(),
            });
        }
    },
});
