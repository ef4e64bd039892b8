import { useEffect } from "@odoo/owl";

import { useBus } from "@web/core/utils/hooks";

/**
 * Load what a widget shows of the record of its form: when the form opens or goes to another record, and again
 * whenever the host announces that this record has been saved or something was posted on it.
 *
 * @param {Object} component with `props.record` and `env`
 * @param {{ reset: Function, load: Function }} calls `reset` forgets what belonged to another record
 */
export function useRecordReload(component, { reset, load }) {
    const shown = () => [component.props.record.resModel, component.props.record.resId];
    useEffect(() => {
        reset();
        load();
    }, shown);
    useBus(component.env.bus, "MAIL:RELOAD-THREAD", ({ detail }) => {
        const [model, id] = shown();
        if (detail.model === model && detail.id === id) {
            load();
        }
    });
}
