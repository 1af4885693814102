# For policy engines that see only resource_changes. If your engine sees the whole plan,
# use ../opa/gate.rego: it also checks what was read.
#
# Rejects a plan unless its resource terraform_data.alert_gate, as in main.tf, has the
# counts and the verdict of a read, all accepted. Only a plan that reads the alerts has
# the resource with known values: -target, -exclude or -invoke leave it out, -destroy
# deletes it, and a deferred read makes its values unknown.
#
# The policy trusts the configuration: it cannot tell a literal from the result of a
# read. Review what the resource refers to.
package main

import rego.v1

# The limits. For an engine without a data document, change them here.

default severity := "High"

severity := data.alert_gate.severity

default allowed := 0

allowed := data.alert_gate.allowed

rank := {"informational": 1, "low": 2, "medium": 3, "high": 4}

below := {name | some name, n in rank; n < rank[lower(severity)]}

# A severity that is not in rank always counts.
counts(name) if not lower(name) in below

bridges contains change if {
	some change in input.resource_changes
	change.mode == "managed"
	change.type == "terraform_data"
	change.name == "alert_gate"
	change.provider_name == "terraform.io/builtin/terraform"
}

# After a delete there are no values. Unknown values are missing in after.
values(change) := change.change.after.input

# There is a verdict only if fail_on was evaluated and passed.
evaluated(change) if {
	every name in ["Informational", "Low", "Medium", "High"] {
		is_number(values(change).counts_by_severity[name])
	}
	every n in values(change).counts_by_severity {
		is_number(n)
	}
	rank[lower(values(change).verdict.severity)]
}

violations(change) := sum([n | some name, n in values(change).counts_by_severity; counts(name)])

deny contains "The limits of this policy are not valid." if not valid_limits

valid_limits if {
	rank[lower(severity)]
	is_number(allowed)
}

deny contains concat(" ", [
	"There is no terraform_data.alert_gate: the plan has no such resource, or left it out (-target, -exclude, -invoke).",
	"Add it, or plan again without these options.",
]) if {
	count(bridges) == 0
}

deny contains sprintf("%s has no counts or no verdict: %s", [change.address, concat(" ", [
	"its read was deferred to the apply or has no fail_on, or the plan destroys it.",
	"The alerts are unknown.",
])]) if {
	some change in bridges
	not evaluated(change)
}

deny contains sprintf("%s: its fail_on counts alerts of severity %s or above, not all of severity %s or above.", [
	change.address,
	values(change).verdict.severity,
	severity,
]) if {
	some change in bridges
	rank[lower(values(change).verdict.severity)] > rank[lower(severity)]
}

deny contains sprintf("%s: %d at severity %s or above, %d accepted.", [change.address, violations(change), severity, allowed]) if {
	some change in bridges
	evaluated(change)
	violations(change) > allowed
}
