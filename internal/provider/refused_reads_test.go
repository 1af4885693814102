package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// A read with an argument that is not known yet asks for nothing: taken as not
// given, it would ask for something else, and a rule of exclude would widen.
func TestUnknownArguments(t *testing.T) {
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
			state, found := c.read(kind, arguments)
			if state != nil || len(found) != 1 || !strings.HasPrefix(found[0], "error: Unknown argument value: ") {
				t.Errorf("%s, %s: %v, %q", kind, name, state, found)
			}
		}
		if opened, found := c.open("mdatp_alerts", arguments); opened != nil || len(found) == 0 {
			t.Errorf("ephemeral, %s: %v, %q", name, opened, found)
		}
	}
	if sent := fake.Requests(); len(sent) != 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}

// A window that begins in the future holds nothing, and a gate over it would
// pass for ever.
func TestWindowInFuture(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 10})
	c := configured(t, fake, nil)
	at := func(ahead time.Duration) values {
		return values{"since_time_utc": time.Now().Add(ahead).UTC().Format(time.DateOnly + "T" + time.TimeOnly + "Z"), "fail_on": values{}}
	}
	for _, kind := range dataSources {
		state, found := c.read(kind, at(time.Hour))
		if state != nil || len(found) != 1 || !strings.HasPrefix(found[0], "error at since_time_utc: Invalid time range: ") {
			t.Errorf("%s: %v, %q", kind, state, found)
		}
	}
	if sent := fake.Requests(); len(sent) != 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
	if state, found := c.read("mdatp_alert_summary", at(time.Minute)); state == nil {
		t.Errorf("a clock that is a minute late: %q", found)
	}
}
