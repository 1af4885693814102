package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestReadUnknownArguments sends nothing for an unknown argument: if it counted
// as unset, the request would be another and a rule of exclude would widen.
func TestReadUnknownArguments(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 10})
	c := configured(t, fake, nil)
	for name, arguments := range map[string]values{
		"ago":       {"ago": unknown{}},
		"limit":     {"limit": unknown{}},
		"tenant_id": {"tenant_id": unknown{}},
		"fail_on":   {"fail_on": unknown{}},
		"element":   {"severities": []any{unknown{}, "Low"}},
		"exclude":   {"exclude": []any{values{"title": "t", "alert_id": unknown{}, "reason": "r"}}},
		"expires":   {"exclude": []any{values{"title": "t", "expires": unknown{}, "reason": "r"}}},
	} {
		for _, kind := range dataSources {
			read := fmt.Sprintf("read(%s) with an unknown %s", kind, name)
			state, found := c.read(kind, arguments)
			if state != nil {
				t.Errorf("%s = %v, want no state", read, state)
			}
			checkFinding(t, read, found, "error: Unknown argument value: ")
		}
		failedOpen(t, c, "mdatp_alerts", arguments, "error: Unknown argument value: ")
	}
	failedOpen(t, c, "mdatp_access_token", values{"tenant_id": unknown{}}, "error: Unknown argument value: ")
	checkNoRequests(t, fake)
}

// TestReadWindowInFuture refuses a window that begins in the future: it holds
// nothing, and a gate over it would always pass.
func TestReadWindowInFuture(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 10})
	c := configured(t, fake, nil)
	at := func(ahead time.Duration) values {
		since := time.Now().Add(ahead).UTC().Format(time.DateOnly + "T" + time.TimeOnly + "Z")
		return values{"since_time_utc": since, "fail_on": values{}}
	}
	for _, kind := range dataSources {
		state, found := c.read(kind, at(time.Hour))
		read := fmt.Sprintf("read(%s) of a window in an hour", kind)
		if state != nil {
			t.Errorf("%s = %v, want no state", read, state)
		}
		checkFinding(t, read, found, "error at since_time_utc: Invalid time range: ")
	}
	checkNoRequests(t, fake)
	if state, found := c.read("mdatp_alert_summary", at(time.Minute)); state == nil {
		t.Errorf("read with a clock a minute slow reports %q, want a state", found)
	}
}
