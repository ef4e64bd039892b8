import { useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

/**
 * A choice of yes or no that this browser remembers from record to record.
 *
 * @param {string} key
 * @returns {{ isOn: boolean, toggle: Function }}
 */
export function useRemembered(key) {
    const state = useState({ isOn: browser.localStorage.getItem(key) === "1", toggle });
    function toggle() {
        state.isOn = !state.isOn;
        browser.localStorage.setItem(key, state.isOn ? "1" : "0");
    }
    return state;
}
