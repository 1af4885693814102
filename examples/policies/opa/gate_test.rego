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

plan(resources) := {"errored": false, "complete": true, "prior_state": {"values": {"root_module": {"resources": resources}}}}

test_quiet if {
	count(main.deny) == 0 with input as plan([read("data.mdatp_alert_summary.gate", {})])
}

test_below_the_severity if {
	count(main.deny) == 0 with input as plan([read("gate", {"counts_by_severity": {"Medium": 3, "Low": 2}})])
}

test_serious if {
	main.deny == {"gate: 2 at severity High or above, 0 accepted."} with input as plan([read("gate", {"counts_by_severity": {"High": 2}})])
}

test_unknown_severity_counts if {
	main.deny == {"gate: 1 at severity High or above, 0 accepted."} with input as plan([read("gate", {"counts_by_severity": {"Severe": 1}})])
}

test_one_of_many if {
	reads := [read("a", {}), read("b", {"counts_by_severity": {"High": 1}}), read("c", {})]
	main.deny == {"b: 1 at severity High or above, 0 accepted."} with input as plan(reads)
}

test_other_limits if {
	input_plan := plan([read("gate", {"counts_by_severity": {"Medium": 2, "High": 1}})])
	count(main.deny) == 0 with input as input_plan with data.alert_gate as {"severity": "Medium", "allowed": 3}
	count(main.deny) == 1 with input as input_plan with data.alert_gate as {"severity": "Medium", "allowed": 2}
}

test_invalid_limits if {
	input_plan := plan([read("gate", {})])
	"The limits of this policy are not valid." in main.deny with input as input_plan with data.alert_gate as {"severity": "Critical"}
	"The limits of this policy are not valid." in main.deny with input as input_plan with data.alert_gate as {"allowed": "many"}
}

test_modules if {
	nested := {
		"errored": false, "complete": true,
		"prior_state": {"values": {"root_module": {"child_modules": [{"child_modules": [{"resources": [read("module.a.module.b.gate", {"counts_by_severity": {"High": 1}})]}]}]}}},
	}
	main.deny == {"module.a.module.b.gate: 1 at severity High or above, 0 accepted."} with input as nested
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
	every changes in [{"severities": ["Low"]}, {"categories": ["Malware"]}, {"sources": ["EDR"]}] {
		main.deny == {no_gate} with input as plan([read("a", changes)])
		count(main.deny) == 0 with input as plan([read("a", changes), read("b", {})])
	}
	main.deny == {"There is no gate: nothing in this plan read all alerts of severity Low or above."} with input as plan([read("a", {"min_severity": "High"})])
		with data.alert_gate.severity as "Low"
}

test_reads_that_do_not_hide if {
	every changes in [{"severities": ["high"]}, {"severities": []}, {"min_severity": "High"}, {"machine_groups": ["Servers"]}] {
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
		"gate has no counts: it was not evaluated." in main.deny with input as plan([read("gate", changes)])
	}
	"gate has no counts: it was not evaluated." in main.deny with input as plan([object.union(object.remove(read("gate", {}), ["values"]), {"type": "mdatp_alerts", "values": {}})])
}

test_truncated if {
	main.deny == {"gate is truncated by its limit: the result is inconclusive."} with input as plan([read("gate", {"truncated": true})])
	main.deny == {"gate: 1 at severity High or above, 0 accepted."} with input as plan([read("gate", {"truncated": true, "counts_by_severity": {"High": 1}})])
}

test_incomplete if {
	every part in [{"errored": true, "complete": false}, {"complete": false}, {"complete": null}] {
		count(main.deny) == 1 with input as object.union(plan([read("gate", {})]), part)
			with data.alert_gate.never_targeted as true
	}
}

test_completeness_not_recorded if {
	unsaid := object.remove(plan([read("gate", {})]), ["complete"])
	count(main.deny) == 1 with input as unsaid
	count(main.deny) == 0 with input as unsaid with data.alert_gate.never_targeted as true
	count(main.deny) == 1 with input as object.union(unsaid, {"errored": true}) with data.alert_gate.never_targeted as true
}
