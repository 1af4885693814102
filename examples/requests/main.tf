# The five kinds of request on Microsoft's page about pulling alerts with the
# SIEM REST API, each as a data source. The comment above each is the request.

terraform {
  required_version = ">= 1.0"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# Everything comes from the environment: MDATP_TENANT_ID, MDATP_CLIENT_ID,
# MDATP_CLIENT_SECRET and MDATP_REGION.
provider "mdatp" {}

# GET /api/alerts
#
# No parameter: the API's own default, what it processed in the last two hours.
data "mdatp_alerts" "default_window" {}

# GET /api/alerts?limit=20&sinceTimeUtc=2016-09-12T00:00:00.0000000Z
#
# The newest twenty since a moment. A time without a zone is UTC.
data "mdatp_alerts" "newest_since" {
  since_time_utc = "2016-09-12T00:00:00.000"
  limit          = 20
}

# GET /api/alerts?ago=PT10M
#
# The last ten minutes.
data "mdatp_alerts" "ten_minutes" {
  ago = "PT10M"
}

# GET /api/alerts?machinegroups=UKMachines&machinegroups=FranceMachines
#
# Two device groups, of the last two hours, as no time argument is given.
data "mdatp_alerts" "two_groups" {
  machine_groups = ["UKMachines", "FranceMachines"]
}

# GET /api/alerts?DeviceCreatedMachineTags=PCI&CloudCreatedMachineTags=PCI
#
# A tag from the device's registry and one set in the portal, of the last two
# hours. The API takes a single tag of the first kind.
data "mdatp_alerts" "tagged" {
  device_created_machine_tags = ["PCI"]
  cloud_created_machine_tags  = ["PCI"]
}

output "totals" {
  description = "How many detections each request returned."
  value = {
    default_window = data.mdatp_alerts.default_window.total
    newest_since   = data.mdatp_alerts.newest_since.total
    ten_minutes    = data.mdatp_alerts.ten_minutes.total
    two_groups     = data.mdatp_alerts.two_groups.total
    tagged         = data.mdatp_alerts.tagged.total
  }
}
