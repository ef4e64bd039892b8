import { Component } from "@odoo/owl";

/** Stands where something is still being counted. */
export class Waiting extends Component {
    static template = "crm_plus.Waiting";
    static props = {};
}
