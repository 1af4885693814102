# A gate that stores nothing. Without a time argument the API uses its own
# default, the last two hours. With api = "graph", also set
# statuses = ["new", "inProgress"], so that closing an incident does not stop it.
ephemeral "mdatp_alerts" "gate" {
  fail_on {
    severity = "High"
  }
}

# The gate stops only its dependents. Without depends_on, the apply of a saved plan
# could create this resource before it fails.
resource "terraform_data" "release" {
  input      = "Stands for the resources to deploy."
  depends_on = [ephemeral.mdatp_alerts.gate]
}
