terraform {
  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# Who signs in comes from the environment, so that no secret is in the code:
#
#   MDATP_TENANT_ID      directory (tenant) of the alerts
#   MDATP_CLIENT_ID      application that may pull them
#   MDATP_CLIENT_SECRET  its secret
provider "mdatp" {
  # Where the tenant's data is kept, chosen when it was onboarded.
  region = "eu"
}
