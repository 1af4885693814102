# Rejects a plan unless it contains a read of Microsoft Defender alerts, all
# accepted. The input is the JSON form of a plan:
#
#   terraform plan -out tfplan
#   terraform show -json tfplan > plan.json
#   conftest test --policy examples/policies/opa plan.json
#
# The result of a data source is in prior_state, and nowhere else in the plan. Every
# read of alerts counts. Missing or unknown values fail.
#
# prior_state also contains the results of earlier runs. A plan that may not have read
# the alerts itself fails, because its counts may be stale.
package main

import rego.v1

# Set other limits in the data document: {"alert_gate": {"severity": "Medium", "allowed": 3}}.

default limits := {}

limits := data.alert_gate

default severity := "High"

severity := limits.severity

default allowed := 0

allowed := limits.allowed

# Declares that no plan uses -target, -exclude, -target-file or -exclude-file.
default never_targeted := false

never_targeted := limits.never_targeted

# Accepts destroy plans, although their counts may be stale.
default allow_destroy := false

allow_destroy := limits.allow_destroy

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

# The addresses of the reads in the configuration, without the keys of count and for_each.
configured contains concat("", [module, resource.address]) if {
	walk(input.configuration.root_module, [path, resource])
	resource.type in types
	steps := concat("/", [sprintf("%v", [step]) | some step in path])
	regex.match(`^(module_calls/[^/]+/module/)*resources/[0-9]+$`, steps)
	modules := regex.replace(steps, `resources/[0-9]+$`, "")
	module := regex.replace(modules, `module_calls/([^/]+)/module/`, "module.${1}.")
}

without_keys(address) := regex.replace(address, `\[([0-9]+|"([^"\\]|\\.)*")\]`, "")

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
	some filter in ["categories", "sources"]
	count(values[filter]) > 0
}

# An open alert counts.
hides(values) if {
	count(values.statuses) > 0
	kept := {lower(name) | some name in values.statuses}
	some name in ["new", "inprogress"]
	not name in kept
}

# Only what an analyst classified as harmless may be left out.
hides(values) if {
	some name in values.exclude_classifications
	not lower(name) in {"falsepositive", "informationalexpectedactivity"}
}

# The limits.

keys := {"severity", "allowed", "never_targeted", "allow_destroy"}

deny contains sprintf("The limits in alert_gate are not valid: %s.", [concat(" ", [
	"severity is Informational, Low, Medium or High, allowed is a number,",
	"never_targeted and allow_destroy are true or false",
])]) if {
	not valid_limits
}

valid_limits if {
	is_object(limits)
	rank[lower(severity)]
	is_number(allowed)
	is_boolean(never_targeted)
	is_boolean(allow_destroy)
}

deny contains sprintf("alert_gate contains %s, which is not a limit. The limits are %s.", [
	key,
	concat(", ", sort(keys)),
]) if {
	some key in (object.keys(limits) - keys)
}

deny contains sprintf("The data document contains %s and no alert_gate. The limits belong in alert_gate.", [name]) if {
	not data.alert_gate
	some name in misplaced
}

# Rego cannot list the data document from here, so these are guesses.
misplaced contains "alert_gates" if data.alert_gates

misplaced contains "alert-gate" if data["alert-gate"]

misplaced contains "alertgate" if data.alertgate

misplaced contains "alertGate" if data.alertGate

misplaced contains "severity" if data.severity

misplaced contains "allowed" if data.allowed

misplaced contains "never_targeted" if data.never_targeted

misplaced contains "allow_destroy" if data.allow_destroy

# Stale counts.

deny contains "The plan failed: it may not have read all alerts. Fix the error and plan again." if failed

failed if object.get(input, "errored", false) != false

deny contains "The plan does not record whether it failed, as in Terraform before 1.6. Use a newer version." if {
	not "errored" in object.keys(input)
}

deny contains concat(" ", [
	"The plan is incomplete (-target, or a deferred change):",
	"what it did not read has the counts of an earlier run. Plan again without -target.",
]) if {
	not failed
	object.get(input, "complete", true) != true
}

deny contains concat(" ", [
	"The plan does not record whether it is complete, as in OpenTofu and in Terraform before 1.8:",
	"after -target, -exclude, -target-file or -exclude-file its counts may be those of an earlier run.",
	"If you never use these options, set alert_gate.never_targeted to true.",
]) if {
	not failed
	not "complete" in object.keys(input)
	never_targeted != true
}

deny contains sprintf("The plan invokes %s (-invoke): %s", [invocation.address, concat(" ", [
	"it read only what the action refers to, and other counts are those of an earlier run.",
	"Check a plan without -invoke, then invoke the action.",
])]) if {
	some invocation in input.action_invocations
	"invoke_action_trigger" in object.keys(invocation)
}

deny contains concat(" ", [
	"The plan is a destroy plan (-destroy):",
	"with -refresh=false it reads no alerts, and its counts are those of an earlier run.",
	"If you accept that, set alert_gate.allow_destroy to true.",
]) if {
	allow_destroy != true
	some change in input.resource_changes
	destroyed(change)
}

# An ordinary plan records why it deletes or forgets a resource; a destroy plan does
# not. The deletion of a deposed object has no reason in either.
destroyed(change) if {
	change.mode == "managed"
	change.change.actions in [["delete"], ["forget"]]
	not change.deposed
	not startswith(object.get(change, "action_reason", ""), "delete_because_")
}

deny contains sprintf("%s is not in the configuration: %s", [address, concat(" ", [
	"the plan did not read it, and its counts are those of an earlier run.",
	"Restore it, or remove it from the state with an ordinary apply.",
])]) if {
	some address, _ in reads
	not without_keys(address) in configured
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

# The alerts.

deny contains sprintf("There is no gate: nothing in this plan read all alerts of severity %s or above.", [severity]) if {
	count(gates) == 0
}

deny contains sprintf("%s has no counts: it was not evaluated.", [address]) if {
	some address, values in reads
	not evaluated(values)
}

deny contains sprintf("%s: %d at severity %s or above, %d accepted.", [address, violations(values), severity, allowed]) if {
	some address, values in reads
	evaluated(values)
	violations(values) > allowed
}

deny contains sprintf("%s is truncated by its limit: the result is inconclusive.", [address]) if {
	some address, values in reads
	evaluated(values)
	values.truncated
	not violations(values) > allowed
}
