mock "tfconfig/v2" {
  module {
    source = "../../mocks/tfconfig-gate.sentinel"
  }
}

mock "tfstate/v2" {
  module {
    source = "../../mocks/tfstate-closed.sentinel"
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
