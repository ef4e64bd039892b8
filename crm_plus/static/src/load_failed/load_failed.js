import { Component } from "@odoo/owl";

import { ConnectionLostError, RPCError } from "@web/core/network/rpc";

/** Said in the place of what could not be loaded. */
export class LoadFailed extends Component {
    static template = "crm_plus.LoadFailed";
    static props = { onRetry: Function };
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
        if (error instanceof RPCError || error instanceof ConnectionLostError) {
            return { answer: null, isFailed: true };
        }
        throw error;
    }
}
