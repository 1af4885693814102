terraform {
  required_version = ">= 1.3"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}
