package examples

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
)

// guidesToSignIn returns the texts of the guides to the ways to sign in, by name.
func guidesToSignIn(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(root + "/docs/guides/sign*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 9 {
		t.Fatalf("guides to sign in = %q, want 9", files)
	}
	guides := make(map[string]string)
	for _, file := range files {
		guides[filepath.Base(file)] = read(t, "docs/guides/"+filepath.Base(file))
	}
	return guides
}

// fencedBlocks returns the blocks of a language, without the indentation of the fence.
func fencedBlocks(text, language string) (blocks []string) {
	fence := regexp.MustCompile("(?s)(?:^|\n)( *)```" + language + "\n(.*?)\n *```(?:\n|$)")
	for _, match := range fence.FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, strings.ReplaceAll("\n"+match[2], "\n"+match[1], "\n")+"\n")
	}
	return blocks
}

// TestGuideSettings checks that the guides name variables of the provider only.
func TestGuideSettings(t *testing.T) {
	t.Parallel()
	known := documentedSettings(t)
	for name, text := range guidesToSignIn(t) {
		used := settings.FindAllString(text, -1)
		if len(used) == 0 {
			t.Errorf("%s: variables = none, want some", name)
		}
		for _, setting := range used {
			if !slices.Contains(known, setting) {
				t.Errorf("%s: %s is not a variable of the provider", name, setting)
			}
		}
	}
}

// TestGuidePipelines checks the YAML of the guides: that it is YAML, and that only the
// guides to a stored credential read a secret of the CI system.
func TestGuidePipelines(t *testing.T) {
	t.Parallel()
	for name, text := range guidesToSignIn(t) {
		blocks := fencedBlocks(text, "yaml")
		if len(blocks) == 0 && name != "signing-in.md" {
			t.Errorf("%s: blocks of YAML = none, want a pipeline", name)
		}
		withSecret := name == "sign-in-client-secret.md" || name == "sign-in-client-certificate.md"
		for i, block := range blocks {
			documents := yaml.NewDecoder(strings.NewReader(block))
			var err error
			for err == nil {
				var content any
				if err = documents.Decode(&content); err == nil && content == nil {
					t.Errorf("%s: block %d is empty, want a pipeline", name, i)
				}
			}
			if !errors.Is(err, io.EOF) {
				t.Errorf("%s: block %d: %v", name, i, err)
			}
			if got := strings.Contains(block, "secrets."); got != withSecret {
				t.Errorf("%s: block %d reads a secret = %t, want %t", name, i, got, withSecret)
			}
		}
	}
}

// TestGuideCommands checks the shell commands of the guides: their syntax, and the
// parameters of the federated credentials.
func TestGuideCommands(t *testing.T) {
	t.Parallel()
	var credentials []string
	for name, text := range guidesToSignIn(t) {
		for i, block := range fencedBlocks(text, "sh") {
			cmd := process.Command(t.Context(), "bash", "-n")
			cmd.Stdin = strings.NewReader(block)
			if output, err := process.Output(cmd); err != nil {
				t.Errorf("%s: block %d: bash -n: %v\n%s", name, i, err, output)
			}
			for _, parameters := range regexp.MustCompile(`(?s)<<'JSON'\n(.*?\n)JSON\n`).FindAllStringSubmatch(block, -1) {
				credentials = append(credentials, name)
				if problem := problemOfFederated(parameters[1]); problem != "" {
					t.Errorf("%s: block %d: %s", name, i, problem)
				}
			}
		}
	}
	slices.Sort(credentials)
	if want := []string{"sign-in-azure-pipelines.md", "sign-in-github-actions.md", "sign-in-oidc-token.md"}; !slices.Equal(credentials, want) {
		t.Errorf("guides with a federated credential = %q, want %q", credentials, want)
	}
}

// problemOfFederated returns what is wrong with the parameters of a federated credential.
func problemOfFederated(text string) string {
	var parameters struct {
		Name, Issuer, Subject string
		Audiences             []string
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&parameters); err != nil {
		return err.Error()
	}
	if parameters.Name == "" || parameters.Issuer == "" || parameters.Subject == "" || !slices.Equal(parameters.Audiences, []string{"api://AzureADTokenExchange"}) {
		return fmt.Sprintf("parameters = %+v, want name, issuer, subject and the audience of Entra ID", parameters)
	}
	return ""
}

// TestLinks checks the links between the pages of the documentation, with their headings.
// They are absolute, as the registry needs them, or within a page.
func TestLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\((https://registry\.terraform\.io/providers/mdatp/mdatp/latest/docs)?([^)\s:#]*)(#[^)\s]+)?\)`)
	checked := 0
	err := fs.WalkDir(os.DirFS(root), "docs", func(page string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		for _, match := range link.FindAllStringSubmatch(read(t, page), -1) {
			target := page
			switch {
			case match[1] != "":
				target = path.Join("docs", cmp.Or(match[2], "index")+".md")
			case match[2] != "":
				t.Errorf("%s: link to %s, want an absolute one", page, match[2])
				continue
			}
			checked++
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(target)))
			if err != nil {
				t.Errorf("%s: link to %s: %v", page, target, err)
				continue
			}
			if heading := strings.TrimPrefix(match[3], "#"); heading != "" && !slices.Contains(headings(string(text)), heading) {
				t.Errorf("%s: %s has no heading %s", page, target, heading)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 50 {
		t.Errorf("links between pages = %d, want at least 50", checked)
	}
}

// headings returns the anchors of a page: of its headings, and those that it sets itself.
func headings(text string) (anchors []string) {
	for _, match := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		heading := regexp.MustCompile(`[^\pL\pN _-]`).ReplaceAllString(strings.ToLower(match[1]), "")
		anchors = append(anchors, strings.ReplaceAll(heading, " ", "-"))
	}
	for _, match := range regexp.MustCompile(`<a id="([^"]+)">`).FindAllStringSubmatch(text, -1) {
		anchors = append(anchors, match[1])
	}
	return anchors
}
