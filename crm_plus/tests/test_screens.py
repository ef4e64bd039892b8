import json

from odoo.tests import HttpCase, new_test_user, tagged

# Opens each screen in all of its views and the form of a record, and says what went wrong there.
WALK = """
(async () => {
    const screens = %s;
    const { rpcBus } = odoo.loader.modules.get("@web/core/network/rpc");
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
    let pending = 0;
    rpcBus.addEventListener("RPC:REQUEST", () => pending++);
    rpcBus.addEventListener("RPC:RESPONSE", () => pending--);
    const settled = async () => {
        do {
            await pause(60);
        } while (pending > 0 || document.querySelector(".o_blockUI"));
    };
    const look = async (name) => {
        await settled();
        const problem = document.querySelector(".o_error_dialog, .o_notification .bg-danger");
        if (problem) {
            throw new Error(`${name}: ${problem.textContent}`);
        }
    };
    for (const { name, id, views, model, record } of screens) {
        await action.doAction(id, { clearBreadcrumbs: true });
        await look(name);
        for (const view of views) {
            await action.switchView(view);
            await look(`${name} (${view})`);
        }
        if (record) {
            const form = { type: "ir.actions.act_window", res_model: model, res_id: record, views: [[false, "form"]] };
            await action.doAction(form);
            await look(`${name} (form)`);
        }
    }
    console.log("test successful");
})();
"""
READY = "odoo.isReady === true && !!document.querySelector('.o_main_navbar')"
# Roles by the groups that are given to a user for them, and by the module they come with.
ROLES = {
    "reader": "crm_plus.group_crm_plus_reader",
    "service": "crm_plus.group_crm_plus_service",
    "own": "sales_team.group_sale_salesman",
    "all": "sales_team.group_sale_salesman_all_leads",
    "manager": "sales_team.group_sale_manager",
    "marketing": "mass_mailing.group_mass_mailing_user,crm_plus.group_crm_plus_service",
}


@tagged("post_install", "-at_install")
class TestScreens(HttpCase):
    """Whatever a role finds in its menus opens, in each of its views, without an error of the server or the client."""

    def screens(self, user):
        """The actions in the menus of the user that are ours, each once."""
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False).values()
        ours = {
            (menu["action_model"], menu["action_id"]): menu["name"]
            for menu in menus
            if (menu.get("xmlid") or "").startswith("crm_plus") and menu.get("action_id")
        }
        return [self.screen(user, name, self.env[model].browse(ref)) for (model, ref), name in ours.items()]

    def screen(self, user, name, action):
        if action._name != "ir.actions.act_window" or action.target == "new":
            return {"name": name, "id": action.id, "views": []}
        _first, *views = [view for view in action.view_mode.split(",") if view != "form"] or ["form"]
        record = False
        if "form" in action.view_mode:
            record = self.env[action.res_model].with_user(user).search([], limit=1).id
        return {"name": name, "id": action.id, "views": views, "model": action.res_model, "record": record}

    def walk(self, role):
        groups = ROLES[role]
        if not all(self.env.ref(group, raise_if_not_found=False) for group in groups.split(",")):
            self.skipTest("The app of this role is not installed.")
        user = new_test_user(self.env, f"screens.{role}", f"base.group_user,base.group_partner_manager,{groups}")
        screens = self.screens(user)
        self.assertTrue(screens)
        self.browser_js("/odoo", WALK % json.dumps(screens), READY, login=user.login, timeout=600)
        return {screen["name"] for screen in screens}

    def test_a_reader(self):
        self.assertIn("Overview", self.walk("reader"))

    def test_service_and_marketing(self):
        self.assertIn("Interactions", self.walk("service"))

    def test_a_salesperson_with_own_documents(self):
        self.assertIn("Segment map", self.walk("own"))

    def test_a_salesperson_with_all_documents(self):
        self.assertNotIn("Segments", self.walk("all"))

    def test_a_sales_manager(self):
        self.assertIn("Score rules", self.walk("manager"))

    def test_a_marketing_user(self):
        self.walk("marketing")
