# Not a gate, but a notice: a plan and an apply say that there are serious alerts,
# and go on. The exit status is 0.
#
#   terraform init
#   terraform plan

terraform {
  required_version = ">= 1.5"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION say who
# signs in and where. Nothing of that belongs in this file.
provider "mdatp" {}

# It stands outside of the check on purpose: inside, Terraform would turn a read
# that failed into a warning as well.
data "mdatp_alert_summary" "watch" {
  # There is no time argument here, so the API answers with its own default: the
  # last two hours.

  # Never leaves out a severity that the provider does not know, so that total
  # counts it.
  min_severity = "High"
}

check "no_serious_alerts" {
  assert {
    condition     = data.mdatp_alert_summary.watch.total == 0
    error_message = "${data.mdatp_alert_summary.watch.total} alerts of severity High or above in the last two hours, on ${data.mdatp_alert_summary.watch.devices} devices."
  }
}
