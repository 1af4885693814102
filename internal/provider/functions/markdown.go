package functions

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	maxCell  = 200 // characters of a text
	maxMarks = 4   // accents on one character

	zeroWidthSpace = '\u200b'
)

// markdownText returns a text that stays within one line and within its cell of a
// table, and contains no markup.
func markdownText(text string) string {
	return escaped(broken(visible(text)))
}

// visible returns a text without invisible characters: white space becomes one
// space, and characters that hide or reorder their surroundings become U+FFFD. NFC,
// which Terraform applies to every text, comes first: it makes U+1FEF a backtick.
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

// references are the starts of texts that GitHub, GitLab and Azure DevOps turn into
// links, pictures and notifications after rendering, so that escaping does not help:
// addresses, domains, //host, @mentions, #1, !1, $1, %1, &1, ^1, ~label, :emoji:,
// GH-1, GL-1, [[page]], namespace/project and commit IDs, which have 7 digits or more.
var references = regexp.MustCompile(`(?i)[@#!$%&^~:./\[]|www|g[hl]-|[0-9a-f]{6}`)

// broken inserts a zero-width space into references. GitLab's project> has none
// before its end.
func broken(text string) string {
	const space = string(zeroWidthSpace)
	return strings.ReplaceAll(references.ReplaceAllString(text, "${0}"+space), ">", space+">")
}

// harmlessPunctuation has no meaning inside a line of Markdown. Other punctuation
// is written as character references.
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

// plainName matches the names of devices and users that need no escape in code.
var plainName = regexp.MustCompile(`^[0-9A-Za-z_.@-]+(\\[0-9A-Za-z_.@-]+)?$`)

// codeText writes a plain name or ID as code, which is copied as it is and never
// becomes a link, and any other text as markdownText does.
func codeText(text string) string {
	if len(text) <= maxCell && plainName.MatchString(text) {
		return "`" + text + "`"
	}
	return markdownText(text)
}

// portalLink matches addresses in the Microsoft Defender portals of the commercial
// clouds and GCC, of GCC High and of DoD. It leaves no room for another address.
var portalLink = regexp.MustCompile(
	`^https://security\.(?:microsoft\.com|microsoft\.us|apps\.mil)/[0-9A-Za-z._/-]{1,200}(?:\?[0-9A-Za-z._=&-]{1,200})?$`)

// linkText returns a link to the portal. Any other address stays text.
func linkText(address string) string {
	if portalLink.MatchString(address) {
		return "[Open](" + strings.ReplaceAll(address, "&", "&amp;") + ")"
	}
	return markdownText(address)
}
