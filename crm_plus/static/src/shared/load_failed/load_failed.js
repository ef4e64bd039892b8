import { Component } from "@odoo/owl";

import { ConnectionLostError, RPCError } from "@web/core/network/rpc";

/** Said in the place of what could not be loaded. */
export class LoadFailed extends Component {
    static template = "crm_plus.LoadFailed";
    static props = { onRetry: Function };
}

/**
 * The state to be in after an error of the server or the network; any other error is a bug and goes on.
 *
 * @param {Error} error
 * @returns {"denied"|"failed"}
 */
export function failure(error) {
    if (error instanceof RPCError) {
        return error.exceptionName === "odoo.exceptions.AccessError" ? "denied" : "failed";
    }
    if (error instanceof ConnectionLostError) {
        return "failed";
    }
    throw error;
}

/**
 * What the server answers, or that it did not; any other error is a bug and goes on.
 *
 * @template T
 * @param {Promise<T>} call
 * @returns {Promise<{ answer: T|null, isFailed: boolean }>}
 */
export async function tried(call) {
    try {
        return { answer: await call, isFailed: false };
    } catch (error) {
        failure(error);
        return { answer: null, isFailed: true };
    }
}
