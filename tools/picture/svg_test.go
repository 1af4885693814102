package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// texts returns the text elements of an image, and checks that it is XML.
func texts(t *testing.T, image []byte) (list []string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(string(image)))
	inText := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		switch element := token.(type) {
		case xml.StartElement:
			inText = element.Name.Local == "text"
		case xml.CharData:
			if inText {
				list = append(list, string(element))
			}
		case xml.EndElement:
			inText = false
		}
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	lines := []string{"4. A gate", "", "$ terraform plan", "    Error: <too many> & more"}
	image := string(draw(lines))
	if got, want := strings.Join(texts(t, []byte(image)), "|"), "4. A gate|$ terraform plan|    Error: <too many> & more"; got != want {
		t.Errorf("texts = %q, want %q", got, want)
	}
	for _, want := range []string{`class="title"`, `class="command"`, `class="error"`, "prefers-color-scheme: dark", `viewBox="0 0 256 104"`} {
		if !strings.Contains(image, want) {
			t.Errorf("draw(%q) = %s, want %s in it", lines, image, want)
		}
	}
}

func TestScene(t *testing.T) {
	t.Parallel()
	got, err := scene([]byte("1. Read\nx\n3. A gate that passes: y  \n\nz\nAll results\n"))
	if want := "3. A gate that passes: y||z"; err != nil || strings.Join(got, "|") != want {
		t.Errorf("scene() = %q, %v, want %q", got, err, want)
	}
	if _, err = scene([]byte("nothing\n")); err == nil {
		t.Error("scene(nothing) = no error, want one")
	}
}

// TestPicture checks that the picture in the repository is of the present demo: its
// commands and its diagnostic.
func TestPicture(t *testing.T) {
	t.Parallel()
	image, err := os.ReadFile("../../demo.svg")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(texts(t, image), "\n")
	for _, want := range []string{
		"$ terraform plan -var allowed_high=2\n", "$ terraform plan -var allowed_high=0\n", "Error: Gate failed: too many alerts", "exclude {",
		"none accepted: the pipeline stops.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("demo.svg = %s, want %q in it: run make picture", text, want)
		}
	}
}
