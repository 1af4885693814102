package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const residentHeader = "| hostile record | API | `mdatp_alert_summary`, over idle | CPU | `mdatp_alerts`, over idle | CPU |\n|---|---|--:|--:|--:|--:|\n"

// resident measures the peak memory of the provider for one hostile record of each
// shape, and prints a table. An idle provider is one that reads a harmless record.
func (b *builds) resident(ctx context.Context, match string) error {
	fmt.Print(residentHeader)
	for _, api := range []string{"siem", "graph", inSlices} {
		server, err := serve(ctx)
		if err != nil {
			return err
		}
		defer server.stop()
		idle := map[string]sample{}
		for _, source := range sources {
			server.setAlerts(api, "")
			if idle[source], _, err = b.measure(ctx, server, api, source); err != nil {
				return err
			}
		}
		for _, s := range shapes {
			members := map[string]func() string{"siem": s.siem, "graph": s.graph, inSlices: s.graph}[api]
			if members == nil || !strings.Contains(s.name, match) {
				continue
			}
			server.setAlerts(api, members())
			row := fmt.Sprintf("| %s | `%s` |", s.name, api)
			for _, source := range []string{summary, "mdatp_alerts"} {
				got, outcome, err := b.measure(ctx, server, api, source)
				if err != nil {
					return err
				}
				row += fmt.Sprintf(" %d MiB%s | %.2f s |", (got.peak-idle[source].peak)>>20, outcome, got.provider.Seconds())
			}
			fmt.Println(row)
		}
	}
	return nil
}

// inSlices is Microsoft Graph with the record in each of the responses that are read
// at a time.
const inSlices = "graph, four at a time"

// setAlerts sets the responses of an API, or inSlices, to one record with these members.
func (s *hostileServer) setAlerts(api, members string) {
	switch s.first = ""; api {
	case "siem":
		s.body = siemBody(members)
	case "graph":
		s.body = graphBody(members)
	case inSlices:
		s.first, s.body = firstResponse(time.Now()), sliceBody(members)
	}
}

// measure runs terraform plan once. The outcome is " (rejected)" if the provider
// rejects the response.
func (b *builds) measure(ctx context.Context, s *hostileServer, api, source string) (got sample, outcome string, err error) {
	cli, err := b.example(ctx, source)
	if err != nil {
		return got, "", err
	}
	meter := filepath.Join(cli.Dir, "meter")
	cli.Env = slices.Concat(cli.Env, s.settings(api), []string{"BENCH_METER_FILE=" + meter, "BENCH_METER_PROVIDER=" + b.provider})
	result, err := cli.Run(ctx, "plan", "-no-color")
	switch {
	case err != nil:
		return got, "", err
	case s.requests.Swap(0) == 0:
		return got, "", fmt.Errorf("terraform plan sent no request for alerts\n%s", result.Stderr)
	case result.Status != 0:
		outcome = " (rejected)"
	}
	return got, outcome, got.read(meter)
}
