package terraform

import (
	"slices"
	"testing"
)

func TestEnvironment(t *testing.T) {
	for _, setting := range []string{
		"TF_LOG", "TF_CLI_ARGS_plan", "MDATP_CLIENT_SECRET", "ARM_CLIENT_SECRET", "AZURE_TENANT_ID", "CHECKPOINT_DISABLE",
	} {
		t.Setenv(setting, "user's own")
	}
	t.Setenv("HTTPS_PROXY", "kept")
	env := Environment()
	added := []string{"TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1"}
	for _, setting := range env {
		if !slices.Contains(added, setting) && private(setting) {
			t.Errorf("Environment() has %s, want it removed", setting)
		}
	}
	for _, want := range []string{"CHECKPOINT_DISABLE=1", "HTTPS_PROXY=kept"} {
		if !slices.Contains(env, want) {
			t.Errorf("Environment() = %q, want it to contain %s", env, want)
		}
	}
}

func TestPrivate(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]bool{
		"TF_VAR_x=1": true, "tf_log=trace": true, "MDATP_REGION=eu": true, "ARM_TENANT_ID=": true,
		"PATH=/bin": false, "TFX=1": false, "CHARM_X=1": false, "HOME=/home/TF_": false,
	} {
		if got := private(setting); got != want {
			t.Errorf("private(%q) = %t, want %t", setting, got, want)
		}
	}
}
