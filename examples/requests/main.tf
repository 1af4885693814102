# The five requests of Microsoft's documentation page on pulling alerts with the
# SIEM REST API, each as a data source below the request.
#
#   terraform init
#   terraform plan

terraform {
  required_version = ">= 1.0"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# Tenant, credentials and region come from the environment: MDATP_TENANT_ID,
# MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION. The data sources work with
# MDATP_API=graph too.
provider "mdatp" {}

# GET /api/alerts
#
# No parameter: the API's own default, detections processed in the last two hours.
data "mdatp_alerts" "default_window" {}

# GET /api/alerts?limit=20&sinceTimeUtc=2016-09-12T00:00:00.0000000Z
#
# The newest twenty since a fixed time. A time without a zone is UTC.
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
# Two device groups. Without a time argument the window is the last two hours.
data "mdatp_alerts" "two_groups" {
  machine_groups = ["UKMachines", "FranceMachines"]
}

# GET /api/alerts?DeviceCreatedMachineTags=PCI&CloudCreatedMachineTags=PCI
#
# A tag from the device's registry and one set in the portal, in the last two
# hours. The API accepts only one tag of the first kind.
data "mdatp_alerts" "tagged" {
  device_created_machine_tags = ["PCI"]
  cloud_created_machine_tags  = ["PCI"]
}

output "alerts" {
  description = "The number of alerts of each request."
  value = {
    default_window = data.mdatp_alerts.default_window.alert_count
    newest_since   = data.mdatp_alerts.newest_since.alert_count
    ten_minutes    = data.mdatp_alerts.ten_minutes.alert_count
    two_groups     = data.mdatp_alerts.two_groups.alert_count
    tagged         = data.mdatp_alerts.tagged.alert_count
  }
}
