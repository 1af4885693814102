mock "tfstate/v2" {
  module {
    source = "../../mocks/tfstate-hidden.sentinel"
  }
}

mock "tfplan/v2" {
  module {
    source = "../../mocks/tfplan-nothing-deferred.sentinel"
  }
}

test {
  rules = {
    main = false
  }
}
