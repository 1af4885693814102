# Rejects a plan unless it contains a read of Microsoft Defender alerts, all
# accepted. The input is the JSON form of a plan:
#
#   terraform plan -out tfplan
#   terraform show -json tfplan > plan.json
#   conftest test --policy examples/policies/opa plan.json
#
# The result of a data source is in prior_state, and nowhere else in the plan. Every
# read of alerts counts. Missing or unknown values fail.
package main

import rego.v1

# Set other limits in the data document: {"alert_gate": {"severity": "Medium", "allowed": 3}}.

default severity := "High"

severity := data.alert_gate.severity

default allowed := 0

allowed := data.alert_gate.allowed

# Reads of other providers do not count.
providers := {"registry.terraform.io/mdatp/mdatp", "registry.opentofu.org/mdatp/mdatp"}

types := {"mdatp_alert_summary", "mdatp_alerts"}

rank := {"informational": 1, "low": 2, "medium": 3, "high": 4}

below := {name | some name, n in rank; n < rank[lower(severity)]}

# A severity that is not in rank always counts.
counts(name) if not lower(name) in below

# The reads of all modules, by address. Only these keys lead to a resource: a value of
# another resource that looks like a read is not one.
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

# A gate is a read without a filter that hides counted alerts.
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

deny contains "The plan failed or is incomplete (-target): its alerts may be outdated." if not complete

complete if input.complete == true

# OpenTofu and older versions of Terraform do not record it. If you never use -target,
# set {"alert_gate": {"never_targeted": true}} in the data document.
complete if {
	not "complete" in object.keys(input)
	input.errored == false
	data.alert_gate.never_targeted == true
}

deny contains sprintf("%s is deferred to the apply (%s): its alerts are unknown.", [
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

deny contains sprintf("%s is truncated by its limit: the result is inconclusive.", [address]) if {
	some address, values in reads
	values.truncated
	not violations(values) > allowed
}
