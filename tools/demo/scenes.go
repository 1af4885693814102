package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

// play runs the scenes in order.
func play(ctx context.Context, s *stage) error {
	title("1. Read the recent alerts", "examples/recent-alerts")
	cli, err := s.example("recent-alerts")
	if err != nil {
		return err
	}
	if err = initialize(ctx, cli); err != nil {
		return err
	}
	found, err := readAlerts(ctx, cli)
	if err != nil {
		return err
	}
	fmt.Print("  Exit status 0. The outputs as a table, for the API's own default window: the last two hours.\n\n")
	if err = found.print(os.Stdout); err != nil {
		return err
	}
	title("2. The same configuration with Microsoft Graph", "examples/recent-alerts")
	if err = readGraph(ctx, cli, found); err != nil {
		return err
	}
	serious := found.Counts.serious()
	if serious == 0 {
		return errors.New("the fake has no alert of severity High or above, so no gate can fail")
	}
	gate := gateExample(s.version)
	title("3. A gate that passes: fail_on with accepted alerts", "examples/"+gate)
	cli, err = s.example(gate)
	if err != nil {
		return err
	}
	if err = initialize(ctx, cli); err != nil {
		return err
	}
	if err = passingGate(ctx, cli, serious); err != nil {
		return err
	}
	title("4. The same gate fails", "examples/"+gate)
	return failingGate(ctx, cli, serious)
}

// gateExample returns the ephemeral gate, if the version has ephemeral resources:
// Terraform 1.10 and later, OpenTofu 1.11 and later.
func gateExample(version string) string {
	var product string
	var major, minor int
	_, err := fmt.Sscanf(version, "%s v%d.%d", &product, &major, &minor)
	if product == "OpenTofu" {
		minor--
	}
	if err == nil && major == 1 && minor < 10 {
		return "gate-fail-on"
	}
	return "gate-ephemeral"
}

func readAlerts(ctx context.Context, cli terraform.CLI) (outputs, error) {
	command(cli, "apply -auto-approve")
	if _, err := cli.Must(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return outputs{}, err
	}
	text, err := cli.Must(ctx, "output", "-json", "-no-color")
	if err != nil {
		return outputs{}, err
	}
	return parseOutputs(text)
}

// readGraph reads with the other API, where the fake has the same alerts.
func readGraph(ctx context.Context, cli terraform.CLI, want outputs) error {
	const setting = "MDATP_API=graph"
	cli.Env = append(slices.Clone(cli.Env), setting)
	fmt.Printf("$ export %s\n", setting)
	found, err := readAlerts(ctx, cli)
	if err != nil {
		return err
	}
	if found.Counts.Alerts != want.Counts.Alerts || !maps.Equal(found.Counts.BySeverity, want.Counts.BySeverity) {
		return fmt.Errorf("alerts of Microsoft Graph: %s; want those of the SIEM API: %s", found.Counts, want.Counts)
	}
	fmt.Printf("  Exit status 0. The same %d alerts: %s.\n", found.Counts.Alerts, found.Counts)
	return nil
}

func initialize(ctx context.Context, cli terraform.CLI) error {
	command(cli, "init")
	if _, err := cli.Must(ctx, "init", "-no-color"); err != nil {
		return err
	}
	fmt.Print("(The demo has put the provider into a local mirror: no registry is needed.)\n")
	return nil
}

func passingGate(ctx context.Context, cli terraform.CLI, allowed int) error {
	result, err := plan(ctx, cli, allowed)
	if err != nil {
		return err
	}
	if result.Status != 0 {
		return fmt.Errorf("the plan with the passing gate ended with exit status %d, want 0\n%s", result.Status, result.Stderr)
	}
	fmt.Printf("  Exit status 0. %s at High or above, all accepted: the pipeline continues.\n", alerts(allowed))
	return nil
}

func failingGate(ctx context.Context, cli terraform.CLI, serious int) error {
	result, err := plan(ctx, cli, 0)
	if err != nil {
		return err
	}
	message := alerts(serious) + " at severity High or above, 0 allowed"
	if result.Status != 1 || !strings.Contains(flat(result.Stderr), message) {
		return fmt.Errorf("the plan with the failing gate ended with exit status %d, want 1 and %q\n%s",
			result.Status, message, result.Stderr)
	}
	for line := range strings.Lines(strings.TrimSpace(result.Stderr)) {
		fmt.Print("    ", line)
	}
	fmt.Printf("\n\n  Exit status 1. %s at High or above, none accepted: the pipeline stops.\n\n", alerts(serious))
	return nil
}

func plan(ctx context.Context, cli terraform.CLI, allowed int) (terraform.Result, error) {
	variable := fmt.Sprintf("allowed_high=%d", allowed)
	command(cli, "plan -var "+variable)
	return cli.Run(ctx, "plan", "-no-color", "-var", variable)
}

func title(text, example string) { fmt.Printf("\n%s (%s)\n\n", text, example) }

func command(cli terraform.CLI, args string) { fmt.Printf("$ %s %s\n", cli.Name(), args) }

func alerts(n int) string {
	if n == 1 {
		return "1 alert"
	}
	return fmt.Sprintf("%d alerts", n)
}

// flat removes the frame and the line breaks from a Terraform diagnostic.
func flat(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n│╷╵", r) })
	return strings.Join(words, " ")
}
