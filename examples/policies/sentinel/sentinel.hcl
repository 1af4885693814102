policy "alert-gate" {
  source            = "./alert-gate.sentinel"
  enforcement_level = "hard-mandatory"
}
