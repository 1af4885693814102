# Stops a plan unless it read the alerts of Microsoft Defender and they are
# accepted. The input is a plan as JSON:
#
#   terraform plan -out tfplan
#   terraform show -json tfplan > plan.json
#   conftest test --policy examples/policies/opa plan.json
#
# A data source that was read while planning is in prior_state, and nowhere else in
# the plan. Every read of alerts counts. What is not there or not known fails.
package main

import rego.v1

# Other limits go into the data document: {"alert_gate": {"severity": "Medium", "allowed": 3}}.

default severity := "High"

severity := data.alert_gate.severity

default allowed := 0

allowed := data.alert_gate.allowed

# A read by another provider is no read of Defender.
providers := {"registry.terraform.io/mdatp/mdatp", "registry.opentofu.org/mdatp/mdatp"}

types := {"mdatp_alert_summary", "mdatp_alerts"}

rank := {"informational": 1, "low": 2, "medium": 3, "high": 4}

below := {name | some name, n in rank; n < rank[lower(severity)]}

# A severity that is not in rank counts always.
counts(name) if not lower(name) in below

# The reads of all modules, by address. What looks like one inside the values of
# something else is none: only these keys lead to a resource.
reads[resource.address] := resource.values if {
	walk(input.prior_state.values.root_module, [path, resource])
	every step in path {
		is_resource_step(step)
	}
	resource.mode == "data"
	resource.provider_name in providers
	resource.type in types
}

is_resource_step(step) if is_number(step)

is_resource_step(step) if step in {"child_modules", "resources"}

evaluated(values) if {
	is_boolean(values.truncated)
	every name in ["Informational", "Low", "Medium", "High"] {
		is_number(values.counts_by_severity[name])
	}
	every n in values.counts_by_severity {
		is_number(n)
	}
}

violations(values) := sum([n | some name, n in values.counts_by_severity; counts(name)])

# A gate sees every alert that counts: no filter of the read hides one.
gates contains address if {
	some address, values in reads
	not hides(values)
}

hides(values) if rank[lower(values.min_severity)] > rank[lower(severity)]

hides(values) if {
	count(values.severities) > 0
	kept := {lower(name) | some name in values.severities}
	some name in object.keys(rank)
	counts(name)
	not name in kept
}

hides(values) if {
	some filter in ["categories", "sources", "statuses", "exclude_classifications"]
	count(values[filter]) > 0
}

deny contains "The limits of this policy are not valid." if not valid_limits

valid_limits if {
	rank[lower(severity)]
	is_number(allowed)
}

deny contains "The plan failed, or has only a part of the configuration (-target): what it says of alerts may be old." if not complete

complete if input.complete == true

# OpenTofu and older versions of Terraform do not say it. Who never uses -target puts
# {"alert_gate": {"never_targeted": true}} into the data document.
complete if {
	not "complete" in object.keys(input)
	input.errored == false
	data.alert_gate.never_targeted == true
}

deny contains sprintf("%s is read during apply (%s): its alerts are not known yet.", [
	change.address,
	object.get(change, "action_reason", "no reason given"),
]) if {
	some change in input.resource_changes
	change.mode == "data"
	change.type in types
	"read" in change.change.actions
}

deny contains sprintf("There is no gate: nothing in this plan read all alerts of severity %s or above.", [severity]) if {
	count(gates) == 0
}

deny contains sprintf("%s has no counts: it was not evaluated.", [address]) if {
	some address, values in reads
	not evaluated(values)
}

deny contains sprintf("%s: %d at severity %s or above, %d accepted.", [address, violations(values), severity, allowed]) if {
	some address, values in reads
	violations(values) > allowed
}

deny contains sprintf("%s has as many alerts as its limit: there may be more, and the verdict is not known.", [address]) if {
	some address, values in reads
	values.truncated
	not violations(values) > allowed
}
