data "mdatp_alert_summary" "day" {
  ago = "P1D"
}

# Without alerts max_severity is null. An unrecognized severity is an error, which
# stops the plan.
#
#   page_someone = true
output "page_someone" {
  value = data.mdatp_alert_summary.day.max_severity == null ? false : (
    provider::mdatp::severity_rank(data.mdatp_alert_summary.day.max_severity) >= provider::mdatp::severity_rank("High")
  )
}
