package functions

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	maxCell  = 200 // characters of a text that are shown
	maxMarks = 4   // accents on one character that are shown

	zeroWidthSpace = '\u200b'
)

// markdownText writes a text so that it stays within one line, and within its
// cell of a table, and nothing in it is markup.
func markdownText(text string) string {
	return escaped(broken(visible(text)))
}

// visible is a text with nothing in it that cannot be seen: white space is one
// space, and what hides or reorders its surroundings is U+FFFD. The form NFC,
// which Terraform gives every text, comes first: it makes U+1FEF a backtick.
func visible(text string) string {
	var shown strings.Builder
	length, marks, last := 0, 0, ' '
	for _, r := range norm.NFC.String(text) {
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Z, r):
			r = ' '
		case unicode.Is(unicode.Variation_Selector, r):
			continue // only chooses a form of what precedes it
		case isHidden(r):
			r = unicode.ReplacementChar
		}
		if r == last && (r == ' ' || r == unicode.ReplacementChar) {
			continue
		}
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		} else if marks > maxMarks {
			continue
		}
		if length++; length > maxCell {
			return strings.TrimRight(shown.String(), " ") + "\u2026"
		}
		shown.WriteRune(r)
		last = r
	}
	return strings.TrimRight(shown.String(), " ")
}

// isHidden reports whether a character has no shape of its own: controls, signs
// of direction, zero width, fillers, private and unassigned ones.
func isHidden(r rune) bool {
	const brailleBlank = '\u2800'
	return !unicode.IsGraphic(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || r == brailleBlank
}

// references are what GitHub, GitLab and Azure DevOps make links, pictures and
// notifications of after the Markdown was read, so that no escaping keeps them
// from it: addresses, @mentions, #1, !1, $1, %1, &1, ^1, ~label, :emoji:, GH-1.
var references = regexp.MustCompile(`(?i)[@#!$%&^~:]|www|gh-`)

// broken puts a space of no width into references.
func broken(text string) string {
	return references.ReplaceAllString(text, "${0}"+string(zeroWidthSpace))
}

// harmlessPunctuation means nothing inside a line of Markdown, whose other
// punctuation is written as character references.
const harmlessPunctuation = " .,;()/-'?"

func escaped(text string) string {
	var markdown strings.Builder
	for _, r := range text {
		switch {
		case r == zeroWidthSpace, r <= unicode.MaxASCII && !isHarmless(r):
			markdown.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		default:
			markdown.WriteRune(r)
		}
	}
	return markdown.String()
}

func isHarmless(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(harmlessPunctuation, r)
}
