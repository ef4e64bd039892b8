import { _t } from "@web/core/l10n/translation";

/**
 * The head of a column of the overview, and what its numbers are.
 *
 * @param {string} column
 * @returns {{ label: string, why: string }}
 */
export function headOf(column) {
    return HEADS()[column];
}

/** All heads, in the language of the user. */
export const HEADS = () => ({
    customers: { label: _t("Customers"), why: _t("Customers who are in the segment today. A click lists them.") },
    moved: {
        label: _t("Since the first day"),
        why: _t("How many more, or fewer, than on the first day of the period: orders and time move customers."),
    },
    revenue: { label: _t("Revenue"), why: _t("What they have brought so far, before tax and net of credit notes.") },
    leads: {
        label: _t("Leads"),
        why: _t("Of the leads created in the period, how many have come so far until today. A click lists them."),
    },
    qualified: { label: _t("Opportunities"), why: _t("How many of them became opportunities, or have a quotation.") },
    quoted: { label: _t("Quotations"), why: _t("How many of them have a quotation.") },
    ordered: { label: _t("Orders"), why: _t("How many of them have an order.") },
    again: { label: _t("Second orders"), why: _t("How many of them have a second order.") },
    until: { label: _t("Days to the order"), why: _t("Days on average from the creation of the lead to its first order.") },
    share: { label: _t("Share"), why: _t("Of all leads that were created in the period.") },
    wait: { label: _t("Days"), why: _t("Days on average since the step before.") },
    out: {
        label: _t("Outgoing"),
        why: _t("Calls, messages and meetings that began with us; one to several people is one."),
    },
    in: {
        label: _t("Incoming"),
        why: _t("Calls, messages and meetings that began with customers; one with several people is one."),
    },
    closed: { label: _t("Closed"), why: _t("Leads that were won or lost in the period. A click lists them.") },
    won: { label: _t("Won"), why: _t("Those of them that were won.") },
    rate: { label: _t("Win rate"), why: _t("Won leads of those that were closed: better grades should win more.") },
    asked: {
        label: _t("Messages"),
        why: _t("Messages of customers in the period that began to wait for an answer. A click lists them."),
    },
    answered: { label: _t("Answered"), why: _t("How many of them have been answered, by whatever way.") },
    hours: { label: _t("Median (hours)"), why: _t("Half of them waited no longer. Answering sooner lowers it.") },
    before: { label: _t("Before"), why: _t("In the same days of the year before the installation, a month on average.") },
    since: { label: _t("Since"), why: _t("Since the installation, a month on average.") },
    change: { label: _t("Change"), why: _t("From then to now.") },
    places: {
        label: _t("Customers"),
        why: _t("Customers of the segment on an average day, before the installation → since."),
    },
    retention: {
        label: _t("Retention"),
        why: _t("Of those who were in the segment a year before and had ordered, how many ordered again, before → since."),
    },
    monthly: { label: _t("Revenue a month"), why: _t("Of whoever was in the segment then, before → since.") },
    each: { label: _t("Revenue a customer and month"), why: _t("Revenue a month per customer, before → since.") },
    value: {
        label: _t("Lifetime value"),
        why: _t("What a customer is expected to bring, on average: when it was first recorded → now."),
    },
    cost: {
        label: _t("Cost of contacts"),
        why: _t("Outgoing contacts a month times what a contact costs by the settings, before → since."),
    },
    return: { label: _t("Return"), why: _t("(gain − cost of more contacts) / cost of more contacts, of a month.") },
});
