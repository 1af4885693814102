package main_test

import data.main
import rego.v1

none := {"Informational": 0, "Low": 0, "Medium": 0, "High": 0}

# A read in the root module: a passing one with changes.
read(address, changes) := {
	"address": address,
	"mode": "data",
	"type": "mdatp_alert_summary",
	"provider_name": "registry.terraform.io/mdatp/mdatp",
	"values": object.union({"alert_count": 0, "truncated": false, "counts_by_severity": none, "severities": null}, changes),
}

# A complete plan of a configuration with these resources.
plan(resources) := {
	"errored": false, "complete": true,
	"prior_state": {"values": {"root_module": {"resources": resources}}},
	"configuration": {"root_module": {"resources": [object.remove(r, ["values", "provider_name"]) | some r in resources]}},
}

# A change of a managed resource, with other keys.
managed(actions, keys) := object.union({"address": "terraform_data.x", "mode": "managed", "change": {"actions": actions}}, keys)

with_changes(changes) := object.union(plan([read("gate", {})]), {"resource_changes": changes})

test_quiet if {
	count(main.deny) == 0 with input as plan([read("data.mdatp_alert_summary.gate", {})])
}

test_below_the_severity if {
	count(main.deny) == 0 with input as plan([read("gate", {"counts_by_severity": object.union(none, {"Medium": 3, "Low": 2})})])
}

test_serious if {
	main.deny == {"gate: 2 at severity High or above, 0 accepted."} with input as plan([read("gate", {"counts_by_severity": object.union(none, {"High": 2})})])
}

test_unknown_severity_counts if {
	main.deny == {"gate: 1 at severity High or above, 0 accepted."} with input as plan([read("gate", {"counts_by_severity": object.union(none, {"Severe": 1})})])
}

test_one_of_many if {
	reads := [read("a", {}), read("b", {"counts_by_severity": object.union(none, {"High": 1})}), read("c", {})]
	main.deny == {"b: 1 at severity High or above, 0 accepted."} with input as plan(reads)
}

test_other_limits if {
	input_plan := plan([read("gate", {"counts_by_severity": object.union(none, {"Medium": 2, "High": 1})})])
	count(main.deny) == 0 with input as input_plan with data.alert_gate as {"severity": "Medium", "allowed": 3}
	count(main.deny) == 1 with input as input_plan with data.alert_gate as {"severity": "Medium", "allowed": 2}
}

invalid_limits := concat(" ", [
	"The limits in alert_gate are not valid: severity is Informational, Low, Medium or High, allowed is a number,",
	"never_targeted and allow_destroy are true or false.",
])

test_invalid_limits if {
	every limits in [
		{"severity": "Critical"}, {"severity": null}, {"allowed": "many"}, {"allowed": false},
		{"never_targeted": "yes"}, {"allow_destroy": 1}, "High", null, false, [],
	] {
		invalid_limits in main.deny with input as plan([read("gate", {})]) with data.alert_gate as limits
	}
	count(main.deny) == 0 with input as plan([read("gate", {})]) with data.alert_gate as {}
}

test_unknown_key_of_limits if {
	main.deny == {"alert_gate contains alowed, which is not a limit. The limits are allow_destroy, allowed, never_targeted, severity."} with input as plan([read("gate", {})])
		with data.alert_gate as {"severity": "Low", "alowed": 3}
}

misplaced(name) := sprintf("The data document contains %s and no alert_gate. The limits belong in alert_gate.", [name])

test_misplaced_limits if {
	main.deny == {misplaced("alert_gates")} with input as plan([read("gate", {})]) with data.alert_gates as {"severity": "Low"}
	main.deny == {misplaced("alert-gate")} with input as plan([read("gate", {})]) with data["alert-gate"] as {}
	main.deny == {misplaced("alertgate")} with input as plan([read("gate", {})]) with data.alertgate as {}
	main.deny == {misplaced("alertGate")} with input as plan([read("gate", {})]) with data.alertGate as {}
	main.deny == {misplaced("severity")} with input as plan([read("gate", {})]) with data.severity as "Low"
	main.deny == {misplaced("allowed")} with input as plan([read("gate", {})]) with data.allowed as 0
	main.deny == {misplaced("never_targeted")} with input as plan([read("gate", {})]) with data.never_targeted as true
	main.deny == {misplaced("allow_destroy")} with input as plan([read("gate", {})]) with data.allow_destroy as true
	count(main.deny) == 0 with input as plan([read("gate", {})]) with data.severity as "of another policy" with data.alert_gate as {}
}

# A plan with a read in module.a.module.b.
nested(address, changes) := {
	"errored": false, "complete": true,
	"prior_state": {"values": {"root_module": {"child_modules": [{"child_modules": [{"resources": [read(address, changes)]}]}]}}},
	"configuration": {"root_module": {"module_calls": {"a": {"module": {"module_calls": {"b": {"module": {"resources": [{
		"address": "data.mdatp_alert_summary.gate", "type": "mdatp_alert_summary",
	}]}}}}}}}},
}

test_modules if {
	every address in [
		"module.a.module.b.data.mdatp_alert_summary.gate",
		"module.a[10].module.b[\"x\"].data.mdatp_alert_summary.gate[0]",
		`module.a["].b"].module.b["\"]["].data.mdatp_alert_summary.gate["a[0]"]`,
	] {
		count(main.deny) == 0 with input as nested(address, {})
		main.deny == {sprintf("%s: 1 at severity High or above, 0 accepted.", [address])} with input as nested(address, {"counts_by_severity": object.union(none, {"High": 1})})
	}
}

no_gate := "There is no gate: nothing in this plan read all alerts of severity High or above."

test_no_read if {
	main.deny == {no_gate} with input as plan([])
	no_gate in main.deny with input as {}
	main.deny == {no_gate} with input as plan([{"address": "x", "mode": "managed", "type": "mdatp_alert_summary", "values": {}}])
}

test_forged_in_values if {
	forged := read("data.mdatp_alert_summary.gate", {})
	holder := {"address": "terraform_data.x", "mode": "managed", "type": "terraform_data", "provider_name": "terraform.io/builtin/terraform"}
	every input_value in [forged, [forged], {"resources": [forged]}, {"child_modules": [{"resources": [forged]}]}] {
		main.deny == {no_gate} with input as plan([object.union(holder, {"values": {"input": input_value}})])
		main.deny == {no_gate} with input as plan([object.union(holder, {"values": {"resources": input_value}})])
	}
}

test_another_provider if {
	every name in ["registry.terraform.io/mdatp/other", "registry.terraform.io/other/mdatp", "example.com/mdatp/mdatp", "", null] {
		main.deny == {no_gate} with input as plan([object.union(read("gate", {}), {"provider_name": name})])
	}
	main.deny == {no_gate} with input as plan([object.remove(read("gate", {}), ["provider_name"])])
	count(main.deny) == 0 with input as plan([object.union(read("gate", {}), {"provider_name": "registry.opentofu.org/mdatp/mdatp"})])
}

test_reads_that_hide if {
	every changes in [
		{"severities": ["Low"]}, {"categories": ["Malware"]}, {"sources": ["EDR"]},
		{"statuses": ["new"]}, {"statuses": ["resolved", "inProgress"]}, {"statuses": [null]},
		{"exclude_classifications": ["falsePositive", "TruePositive"]}, {"exclude_classifications": ["other"]},
	] {
		main.deny == {no_gate} with input as plan([read("a", changes)])
		count(main.deny) == 0 with input as plan([read("a", changes), read("b", {})])
	}
	main.deny == {"There is no gate: nothing in this plan read all alerts of severity Low or above."} with input as plan([read("a", {"min_severity": "High"})])
		with data.alert_gate.severity as "Low"
}

test_reads_that_do_not_hide if {
	every changes in [
		{"severities": ["high"]}, {"severities": []}, {"min_severity": "High"}, {"machine_groups": ["Servers"]},
		{"statuses": null, "exclude_classifications": null}, {"statuses": [], "exclude_classifications": []},
		{"statuses": ["new", "inProgress"]}, {"statuses": ["INPROGRESS", "resolved", "New"]},
		{"exclude_classifications": ["falsePositive", "InformationalExpectedActivity"]},
	] {
		count(main.deny) == 0 with input as plan([read("a", changes)])
	}
}

test_deferred if {
	change := {
		"address": "data.mdatp_alert_summary.gate", "mode": "data", "type": "mdatp_alert_summary",
		"change": {"actions": ["read"]}, "action_reason": "read_because_dependency_pending",
	}
	old := object.union(plan([read("data.mdatp_alert_summary.gate", {})]), {"resource_changes": [change]})
	main.deny == {"data.mdatp_alert_summary.gate is deferred to the apply (read_because_dependency_pending): its alerts are unknown."} with input as old
}

test_not_evaluated if {
	every changes in [{"counts_by_severity": null}, {"counts_by_severity": {"High": null}}, {"truncated": null}] {
		main.deny == {"gate has no counts: it was not evaluated."} with input as plan([read("gate", changes)])
	}
	main.deny == {"gate has no counts: it was not evaluated."} with input as plan([object.union(object.remove(read("gate", {}), ["values"]), {"type": "mdatp_alerts", "values": {}})])
}

test_truncated if {
	main.deny == {"gate is truncated by its limit: the result is inconclusive."} with input as plan([read("gate", {"truncated": true})])
	main.deny == {"gate: 1 at severity High or above, 0 accepted."} with input as plan([read("gate", {"truncated": true, "counts_by_severity": object.union(none, {"High": 1})})])
}

test_failed if {
	every part in [{"errored": true, "complete": false}, {"errored": true}, {"errored": null}] {
		main.deny == {"The plan failed: it may not have read all alerts. Fix the error and plan again."} with input as object.union(plan([read("gate", {})]), part)
			with data.alert_gate.never_targeted as true
	}
}

test_failure_not_recorded if {
	main.deny == {"The plan does not record whether it failed, as in Terraform before 1.6. Use a newer version."} with input as object.remove(plan([read("gate", {})]), ["errored", "complete"])
		with data.alert_gate.never_targeted as true
}

test_incomplete if {
	every complete in [false, null, "true"] {
		main.deny == {concat(" ", [
			"The plan is incomplete (-target, or a deferred change):",
			"what it did not read has the counts of an earlier run. Plan again without -target.",
		])} with input as object.union(plan([read("gate", {})]), {"complete": complete}) with data.alert_gate.never_targeted as true
	}
}

test_completeness_not_recorded if {
	unsaid := object.remove(plan([read("gate", {})]), ["complete"])
	main.deny == {concat(" ", [
		"The plan does not record whether it is complete, as in OpenTofu and in Terraform before 1.8:",
		"after -target, -exclude, -target-file or -exclude-file its counts may be those of an earlier run.",
		"If you never use these options, set alert_gate.never_targeted to true.",
	])} with input as unsaid
	count(main.deny) == 1 with input as unsaid with data.alert_gate.never_targeted as false
	count(main.deny) == 0 with input as unsaid with data.alert_gate.never_targeted as true
}

test_invoked if {
	invoked := {"address": "action.test_noop.x", "type": "test_noop", "name": "x", "invoke_action_trigger": {}}
	triggered := {"address": "action.test_noop.x", "lifecycle_action_trigger": {"triggering_resource_address": "terraform_data.x"}}
	main.deny == {concat(" ", [
		"The plan invokes action.test_noop.x (-invoke):",
		"it read only what the action refers to, and other counts are those of an earlier run.",
		"Check a plan without -invoke, then invoke the action.",
	])} with input as object.union(plan([read("gate", {})]), {"action_invocations": [triggered, invoked]})
	count(main.deny) == 0 with input as object.union(plan([read("gate", {})]), {"action_invocations": [triggered]})
}

test_destroy if {
	every changes in [
		[managed(["delete"], {})],
		[managed(["forget"], {}), managed(["no-op"], {})],
		[managed(["forget"], {"action_reason": "forgot_because_lifecycle_destroy_in_config"})],
	] {
		main.deny == {concat(" ", [
			"The plan is a destroy plan (-destroy):",
			"with -refresh=false it reads no alerts, and its counts are those of an earlier run.",
			"If you accept that, set alert_gate.allow_destroy to true.",
		])} with input as with_changes(changes)
		count(main.deny) == 0 with input as with_changes(changes) with data.alert_gate.allow_destroy as true
	}
}

test_ordinary_changes if {
	ordinary := [
		managed(["create"], {}), managed(["update"], {}), managed(["no-op"], {}),
		managed(["delete", "create"], {"action_reason": "replace_because_cannot_update"}),
		managed(["create", "delete"], {}), managed(["create", "forget"], {}),
		managed(["delete"], {"action_reason": "delete_because_no_resource_config"}),
		managed(["forget"], {"action_reason": "delete_because_no_resource_config"}),
		managed(["delete"], {"deposed": "12345678"}),
	]
	count(main.deny) == 0 with input as with_changes(ordinary)
	every change in ordinary {
		count(main.deny) == 0 with input as with_changes([change])
	}
}

not_configured(address) := concat(" ", [
	address, "is not in the configuration: the plan did not read it, and its counts are those of an earlier run.",
	"Restore it, or remove it from the state with an ordinary apply.",
])

test_not_configured if {
	main.deny == {not_configured("gate")} with input as object.union(object.remove(plan([read("gate", {})]), ["configuration"]), {"configuration": {"root_module": {}}})
	main.deny == {not_configured("gate")} with input as object.remove(plan([read("gate", {})]), ["configuration"])
	every address in ["data.mdatp_alert_summary.gate", "module.a.data.mdatp_alert_summary.gate", "module.a.module.c.data.mdatp_alert_summary.gate"] {
		main.deny == {not_configured(address)} with input as nested(address, {})
	}
}

test_forged_configuration if {
	forged := {"root_module": {"resources": [{"address": "terraform_data.x", "expressions": {"input": {"constant_value": {"resources": [{
		"address": "gate", "type": "mdatp_alert_summary",
	}]}}}}]}}
	main.deny == {not_configured("gate")} with input as object.union(object.remove(plan([read("gate", {})]), ["configuration"]), {"configuration": forged})
}
