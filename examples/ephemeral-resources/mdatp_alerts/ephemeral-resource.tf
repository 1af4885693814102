# A gate of which nothing is stored. Without a time argument the API answers with
# its own default, the last two hours.
ephemeral "mdatp_alerts" "gate" {
  fail_on = { severity = "High" }
}

# It stops only what depends on it. Without this line the apply of a saved plan
# would fail, but create this first.
resource "terraform_data" "release" {
  input      = "Stands for what is deployed."
  depends_on = [ephemeral.mdatp_alerts.gate]
}
