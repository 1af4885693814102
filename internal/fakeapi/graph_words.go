package fakeapi

import "strings"

// maxFilterWords is the limit of the length of a filter. The service has one too,
// of another kind: it counts the nodes of the parsed filter.
const maxFilterWords = 400

const errFilterSyntax = queryError("Invalid filter clause: syntax error.")

// filterWord is a parenthesis, a text in single quotes, or any other word.
type filterWord struct {
	text   string // without quotes
	quoted bool
}

// is reports whether the word is this one, without quotes.
func (w filterWord) is(text string) bool { return !w.quoted && w.text == text }

// splitFilter splits a $filter into words.
func splitFilter(filter string) ([]filterWord, error) {
	var words []filterWord
	for rest := strings.TrimLeft(filter, " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		if len(words) == maxFilterWords {
			return nil, queryError("Invalid filter clause: it is too long.")
		}
		var word filterWord
		switch rest[0] {
		case '(', ')':
			word, rest = filterWord{text: rest[:1]}, rest[1:]
		case '\'':
			text, after, ok := cutQuoted(rest[1:])
			if !ok {
				return nil, errFilterSyntax
			}
			word, rest = filterWord{text: text, quoted: true}, after
		default:
			end := strings.IndexAny(rest, " ()'")
			if end < 0 {
				end = len(rest)
			}
			word, rest = filterWord{text: rest[:end]}, rest[end:]
		}
		words = append(words, word)
	}
	return words, nil
}

// cutQuoted returns the text before the closing quote and what follows it. Two
// quotes are one of the text.
func cutQuoted(rest string) (text, after string, ok bool) {
	for {
		part, tail, found := strings.Cut(rest, "'")
		if !found {
			return "", "", false
		}
		text += part
		if !strings.HasPrefix(tail, "'") {
			return text, tail, true
		}
		text, rest = text+"'", tail[1:]
	}
}
