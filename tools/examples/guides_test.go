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
			checkShell(t, fmt.Sprintf("%s: block %d", name, i), block)
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

// links match those of a page: to the documentation in the registry, to a file, or to a
// heading, but not to other sites.
var links = regexp.MustCompile(`\]\((https://registry\.terraform\.io/providers/mdatp/mdatp/latest/docs)?([^)\s:#]*)(#[^)\s]+)?\)`)

// TestLinks checks the links between the pages of the documentation, with their headings.
// They are absolute, as the registry needs them, or within a page.
func TestLinks(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, page := range pagesBelow(t, "docs") {
		for _, match := range links.FindAllStringSubmatch(read(t, page), -1) {
			target := page
			switch {
			case match[1] != "":
				target = path.Join("docs", cmp.Or(match[2], "index")+".md")
			case match[2] != "":
				t.Errorf("%s: link to %s, want an absolute one", page, match[2])
				continue
			}
			checked++
			checkLink(t, page, target, match[3])
		}
	}
	if checked < 50 {
		t.Errorf("links between pages = %d, want at least 50", checked)
	}
}

// TestLinksOfRepository checks the links of the pages that are read in the repository.
// They are relative.
func TestLinksOfRepository(t *testing.T) {
	t.Parallel()
	checked := map[string]int{}
	for _, page := range append(pagesBelow(t, "examples"), "README.md", "CONTRIBUTING.md", "DESIGN.md") {
		for _, match := range links.FindAllStringSubmatch(read(t, page), -1) {
			if match[1] != "" {
				t.Errorf("%s: link to the registry's page %s, want the file in the repository", page, match[2])
				continue
			}
			target := page
			if match[2] != "" {
				target = path.Join(path.Dir(page), match[2])
			}
			checked[page]++
			checkLink(t, page, target, match[3])
		}
	}
	for page, least := range map[string]int{"README.md": 20, "examples/README.md": 10, "examples/policies/README.md": 1} {
		if checked[page] < least {
			t.Errorf("%s: links = %d, want at least %d", page, checked[page], least)
		}
	}
}

// TestLinksToRepository checks the links of the documentation to files of the repository.
func TestLinksToRepository(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, page := range pagesBelow(t, "docs") {
		for _, match := range regexp.MustCompile(`\]\(https://github\.com/mdatp/terraform-provider-mdatp/tree/main/([^)#]+)\)`).FindAllStringSubmatch(read(t, page), -1) {
			checked++
			checkLink(t, page, match[1], "")
		}
	}
	if checked < 5 {
		t.Errorf("links to the repository = %d, want at least 5", checked)
	}
}

// checkLink checks that a page or a folder exists, and has the heading "#name" or "".
func checkLink(t *testing.T, page, target, heading string) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(target))
	info, err := os.Stat(file)
	if err != nil {
		t.Errorf("%s: link to %s: %v", page, target, err)
		return
	}
	if heading = strings.TrimPrefix(heading, "#"); heading == "" {
		return
	}
	if info.IsDir() {
		target = path.Join(target, "README.md")
	}
	if !slices.Contains(headings(read(t, target)), heading) {
		t.Errorf("%s: %s has no heading %s", page, target, heading)
	}
}

// pagesBelow returns the Markdown files below a folder of the repository.
func pagesBelow(t *testing.T, folder string) (pages []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), folder, func(page string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(page, ".md") {
			pages = append(pages, page)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) == 0 {
		t.Fatalf("pages below %s = none, want some", folder)
	}
	return pages
}

// TestGuides checks the variables, the shell commands and the YAML of all guides.
func TestGuides(t *testing.T) {
	t.Parallel()
	known := documentedSettings(t)
	for _, page := range pagesBelow(t, "docs/guides") {
		text := read(t, page)
		for _, setting := range settings.FindAllString(text, -1) {
			if !slices.Contains(known, setting) && setting != "MDATP_" && setting != "ARM_" {
				t.Errorf("%s: %s is not a variable of the provider", page, setting)
			}
		}
		for i, block := range fencedBlocks(text, "sh") {
			checkShell(t, fmt.Sprintf("%s: block %d", page, i), block)
		}
		for i, block := range fencedBlocks(text, "yaml") {
			if err := yaml.NewDecoder(strings.NewReader(block)).Decode(new(any)); err != nil {
				t.Errorf("%s: block %d of YAML: %v", page, i, err)
			}
		}
	}
}

func checkShell(t *testing.T, name, code string) {
	t.Helper()
	cmd := process.Command(t.Context(), "bash", "-n")
	cmd.Stdin = strings.NewReader(code)
	if output, err := process.Output(cmd); err != nil {
		t.Errorf("%s: bash -n: %v\n%s", name, err, output)
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
