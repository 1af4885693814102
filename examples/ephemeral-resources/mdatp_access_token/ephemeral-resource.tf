# A token for another tool in the same run. It is stored in no plan and no state.
ephemeral "mdatp_access_token" "this" {}

# Only ephemeral contexts accept the token: a provider's configuration, a write-only
# argument, or a provisioner, as here.
resource "terraform_data" "pull" {
  provisioner "local-exec" {
    command = "./pull-alerts.sh"
    environment = {
      ACCESS_TOKEN = ephemeral.mdatp_access_token.this.access_token
    }
  }
}
