mock "tfconfig/v2" {
  module {
    source = "../../mocks/tfconfig-module.sentinel"
  }
}

mock "tfstate/v2" {
  module {
    source = "../../mocks/tfstate-module.sentinel"
  }
}

mock "tfplan/v2" {
  module {
    source = "../../mocks/tfplan-nothing-deferred.sentinel"
  }
}

test {
  rules = {
    main = true
  }
}
