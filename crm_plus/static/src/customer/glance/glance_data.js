import { withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { failure } from "@crm_plus/shared/load_failed/load_failed";

/**
 * The card of a customer as it is shown: the days within sentences are rewritten; what is sent back with a click stays as
 * the server wrote it.
 *
 * @param {Object} orm
 * @param {number} partnerId
 * @param {string|false} day a past one: 2026-05-12
 * @returns {Promise<Object>} state "ready", "none" for who has no card or may not see it, or "failed"
 */
export async function loadGlance(orm, partnerId, day = false) {
    try {
        const card = await orm.silent.call("crm.customer.profile", "glance", day ? [partnerId, day] : [partnerId]);
        if (card.state !== "ready") {
            return card;
        }
        const written = ({ opens, ...texts }) => ({ ...withDays(texts), opens });
        const { name, customer, today, action } = card;
        const sent = { name, customer, today, day: card.day, action: action && written(action) };
        return { ...withDays(card), ...sent, figures: card.figures.map(written) };
    } catch (error) {
        // A form is useful without the card; who may not see profiles has none.
        return { state: failure(error) === "denied" ? "none" : "failed" };
    }
}
