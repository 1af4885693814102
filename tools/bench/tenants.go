package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/fake"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/plugin"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

// tenantDelay is how long the fake takes for each sign-in and each response.
const tenantDelay = "300ms"

const tenantsHeader = "| configuration | `-parallelism` | wall | provider CPU | processes of the provider at once | their memory together |\n" +
	"|---|--:|--:|--:|--:|--:|\n"

// A layout is a way to read many tenants.
type layout struct {
	name string
	code func(tenants int) string // of the provider blocks and the reads
	only string                   // the name of the binary that has the feature; "": both
}

var layouts = []layout{
	{name: "one provider block, `tenant_id` and `for_each`", code: func(tenants int) string {
		return "provider \"mdatp\" {}\n\n" + `data "mdatp_alert_summary" "all" {
  for_each  = ` + tenantSet(tenants) + `
  tenant_id = each.value
  ago       = "P1D"
}
`
	}},
	{name: "a provider block with an alias per tenant", code: func(tenants int) (code string) {
		for _, tenant := range tenantNames(tenants) {
			alias, _, _ := strings.Cut(tenant, ".")
			code += fmt.Sprintf("provider \"mdatp\" {\n  alias     = %q\n  tenant_id = %q\n}\n\n", alias, tenant) +
				fmt.Sprintf("data \"mdatp_alert_summary\" %q {\n  provider = mdatp.%s\n  ago      = \"P1D\"\n}\n\n", alias, alias)
		}
		return code
	}},
	{name: "`for_each` of the provider block", only: "tofu", code: func(tenants int) string {
		return "locals {\n  tenants = " + tenantSet(tenants) + "\n}\n\n" + `provider "mdatp" {
  for_each  = local.tenants
  alias     = "of"
  tenant_id = each.value
}

data "mdatp_alert_summary" "all" {
  for_each = local.tenants
  provider = mdatp.of[each.key]
  ago      = "P1D"
}
`
	}},
}

func tenantNames(tenants int) (names []string) {
	for i := range tenants {
		names = append(names, fmt.Sprintf("tenant%d.example", i+1))
	}
	return names
}

func tenantSet(tenants int) string {
	return `toset(["` + strings.Join(tenantNames(tenants), `", "`) + `"])`
}

// benchTenants prints the cost of plans that read the counts of many tenants.
func (b *builds) benchTenants(ctx context.Context, tenants, runs int) error {
	server, err := fake.Start(ctx, b.fake, "-tenants", fmt.Sprint(tenants), "-delay", tenantDelay, "-alerts", "50")
	if err != nil {
		return err
	}
	defer server.Stop()
	fmt.Printf("%d tenants, %s a response, %s\n\n%s", tenants, tenantDelay, b.terraform.Name(), tenantsHeader)
	for _, l := range layouts {
		if l.only != "" && l.only != b.terraform.Name() {
			continue
		}
		cli, err := b.layout(ctx, l.code(tenants))
		if err != nil {
			return err
		}
		cli.Env = slices.Concat(cli.Env, server.Settings, []string{"MDATP_API=graph", "BENCH_METER_FILE=" + filepath.Join(cli.Dir, "meter"), "BENCH_METER_PROVIDER=" + b.provider})
		for _, parallelism := range []int{10, 50} {
			var samples []planSample
			for range runs {
				s, err := b.plan(ctx, cli, parallelism)
				if err != nil {
					return err
				}
				samples = append(samples, s)
			}
			slices.SortFunc(samples, func(a, b planSample) int { return int(a.wall - b.wall) })
			s := samples[len(samples)/2]
			fmt.Printf("| %s | %d | %.1f s | %.1f s | %d | %d MiB |\n", l.name, parallelism, s.wall.Seconds(), s.provider.Seconds(), s.most.processes, s.most.memory>>20)
		}
	}
	return nil
}

// layout prepares a folder with a configuration.
func (b *builds) layout(ctx context.Context, code string) (terraform.CLI, error) {
	cli := b.terraform
	var err error
	if cli.Dir, err = os.MkdirTemp(b.dir, "tenants-"); err != nil {
		return cli, err
	}
	head := fmt.Sprintf("terraform {\n  required_providers {\n    mdatp = {\n      source = %q\n    }\n  }\n}\n\n", plugin.Source)
	if err = os.WriteFile(filepath.Join(cli.Dir, "main.tf"), []byte(head+code), 0o600); err != nil {
		return cli, err
	}
	_, err = cli.Must(ctx, "init", "-no-color")
	return cli, err
}

// A planSample is one plan.
type planSample struct {
	sample
	most processes
}

// plan runs terraform plan once.
func (b *builds) plan(ctx context.Context, cli terraform.CLI, parallelism int) (p planSample, err error) {
	meter := filepath.Join(cli.Dir, "meter")
	if err = os.RemoveAll(meter); err != nil {
		return p, err
	}
	cmd := process.Command(ctx, cli.Binary, "plan", "-no-color", fmt.Sprint("-parallelism=", parallelism))
	cmd.Dir, cmd.Env = cli.Dir, append(terraform.Environment(), cli.Env...)
	ended, watched := make(chan struct{}), make(chan processes)
	go watch(b.provider, ended, watched)
	start := time.Now()
	output, err := process.Output(cmd)
	p.wall = time.Since(start)
	close(ended)
	p.most = <-watched
	if err != nil {
		return p, fmt.Errorf("plan: %w\n%s", err, output)
	}
	return p, p.read(meter)
}
