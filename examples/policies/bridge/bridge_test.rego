package main_test

import data.main
import rego.v1

none := {"Informational": 0, "Low": 0, "Medium": 0, "High": 0}

verdict := {"severity": "High", "allowed": 0, "violations": 0}

# A plan in which the resource has these actions and this input.
plan(actions, given) := {"resource_changes": [bridge(actions, {"input": given})]}

bridge(actions, after) := {
	"address": "terraform_data.alert_gate", "mode": "managed", "type": "terraform_data", "name": "alert_gate",
	"provider_name": "terraform.io/builtin/terraform", "change": {"actions": actions, "after": after},
}

quiet(actions) := plan(actions, {"counts_by_severity": none, "verdict": verdict})

missing := concat(" ", [
	"There is no terraform_data.alert_gate: the plan has no such resource, or left it out (-target, -exclude, -invoke).",
	"Add it, or plan again without these options.",
])

unknown := concat(" ", [
	"terraform_data.alert_gate has no counts or no verdict:",
	"its read was deferred to the apply or has no fail_on, or the plan destroys it. The alerts are unknown.",
])

test_quiet if {
	every actions in [["create"], ["update"], ["no-op"], ["delete", "create"]] {
		count(main.deny) == 0 with input as quiet(actions)
	}
}

test_serious if {
	input_plan := plan(["no-op"], {
		"counts_by_severity": object.union(none, {"High": 2}),
		"verdict": {"severity": "High", "allowed": 5, "violations": 2},
	})
	main.deny == {"terraform_data.alert_gate: 2 at severity High or above, 0 accepted."} with input as input_plan
	count(main.deny) == 0 with input as input_plan with data.alert_gate.allowed as 2
}

test_unknown_severity_counts if {
	main.deny == {"terraform_data.alert_gate: 1 at severity High or above, 0 accepted."} with input as plan(["update"], {
		"counts_by_severity": object.union(none, {"Severe": 1}), "verdict": verdict,
	})
}

test_missing if {
	main.deny == {missing} with input as {}
	main.deny == {missing} with input as {"resource_changes": []}
	every other in [
		{"name": "other"}, {"type": "null_resource"}, {"mode": "data"},
		{"provider_name": "registry.terraform.io/other/terraform"},
	] {
		main.deny == {missing} with input as {"resource_changes": [object.union(bridge(["create"], {"input": {}}), other)]}
	}
}

test_unknown if {
	every after in [
		null, {}, {"input": null}, {"input": {}},
		{"input": {"counts_by_severity": none}}, {"input": {"counts_by_severity": none, "verdict": null}},
		{"input": {"verdict": verdict}}, {"input": {"counts_by_severity": {"High": 0}, "verdict": verdict}},
		{"input": {"counts_by_severity": object.union(none, {"Severe": null}), "verdict": verdict}},
	] {
		main.deny == {unknown} with input as {"resource_changes": [bridge(["update"], after)]}
	}
	main.deny == {unknown} with input as {"resource_changes": [bridge(["delete"], null)]}
}

test_every_bridge if {
	main.deny == {unknown} with input as {"resource_changes": array.concat(quiet(["create"]).resource_changes, [bridge(["delete"], null)])}
}

test_verdict_of_a_higher_severity if {
	main.deny == {"terraform_data.alert_gate: its fail_on counts alerts of severity High or above, not all of severity Low or above."} with input as quiet(["no-op"])
		with data.alert_gate.severity as "Low"
}

test_invalid_limits if {
	"The limits of this policy are not valid." in main.deny with input as quiet(["no-op"]) with data.alert_gate.severity as "Critical"
	"The limits of this policy are not valid." in main.deny with input as quiet(["no-op"]) with data.alert_gate.allowed as "many"
}
