package siem

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The oracle is another reader of responses, written from the API's description
// with encoding/json. It shares nothing with the code that it is compared with,
// not even the field table. It is slow, holds everything in memory, and returns
// the one right list of a body or an error.

// A truth is the field that a key of a record stands for.
type truth struct{ key, kind string }

var truths = func() map[string]truth {
	all := map[string]truth{}
	for kind, keys := range map[string]string{
		"text": "AlertTime ComputerDnsName AlertTitle Category Severity AlertId Actor LinkToWDATP IocName IocValue " +
			"CreatorIocName CreatorIocValue Sha1 FileName FilePath IpAddress Url IoaDefinitionId UserName FullId " +
			"LastProcessedTimeUtc ThreatCategory ThreatFamily ThreatName RemediationAction Source Md5 Sha256 UserDomain " +
			"MachineDomain MachineName FileHash DeviceID MachineGroup Description DeviceCreatedMachineTags " +
			"CloudCreatedMachineTags CommandLine IncidentLinkToWDATP LinkToMTP IncidentLinkToMTP ExternalId IocUniqueId",
		"number": "AlertPart ReportID",
		"bool":   "RemediationIsSuccess WasExecutingWhileDetected",
		"list":   "LogOnUsers InternalIPv4List InternalIPv6List",
	} {
		for _, key := range strings.Fields(keys) {
			all[key] = truth{key, kind}
		}
	}
	all["IoaDefinitiondId"] = all["IoaDefinitionId"]
	all["BuiltInMachineTags"] = all["DeviceCreatedMachineTags"]
	all["UserDefinedMachineTags"] = all["CloudCreatedMachineTags"]
	return all
}()

// truthKeys are the present keys in order.
var truthKeys = func() []string {
	unique := map[string]bool{}
	var keys []string
	for _, t := range truths {
		if !unique[t.key] {
			unique[t.key] = true
			keys = append(keys, t.key)
		}
	}
	slices.Sort(keys)
	return keys
}()

func TestOracleKnowsTheFields(t *testing.T) {
	t.Parallel()
	if len(truthKeys) != 50 {
		t.Errorf("keys of the oracle = %d, want 50", len(truthKeys))
	}
	if _, err := truthOf([]byte(`[{` + minimum + `}]`)); err != nil {
		t.Errorf("truthOf([{%s}]) fails with %v", minimum, err)
	}
}

var errOracle = errors.New("not a list of alerts")

// truthOf returns the list that a complete response stands for, as appendAlert
// writes it, or an error.
func truthOf(body []byte) ([]byte, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(body) || !json.Valid(body) || bytes.TrimLeft(body, " \t\r\n")[0] != '[' {
		return nil, errOracle
	}
	var texts []json.RawMessage
	if err := json.Unmarshal(body, &texts); err != nil {
		return nil, err
	}
	list := []byte{}
	for i, text := range texts {
		if text[0] != '{' {
			return nil, errOracle
		}
		record, err := readTruth(text)
		if err != nil {
			return nil, err
		}
		if list, err = record.append(list, i); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// A trueRecord has the members of one record.
type trueRecord struct {
	values   map[string]json.RawMessage // by present key, without null and ""
	extras   []trueMember
	replaced int
}

type trueMember struct {
	name string
	raw  json.RawMessage // the name as sent
	text json.RawMessage
}

func readTruth(object []byte) (*trueRecord, error) {
	members, err := trueMembers(object)
	if err != nil {
		return nil, err
	}
	r := &trueRecord{values: map[string]json.RawMessage{}}
	seen, unknown := map[string]bool{}, 0
	for _, m := range members {
		known, ok := truths[m.name]
		if !ok {
			for key := range truths {
				if strings.EqualFold(m.name, key) {
					return nil, errOracle
				}
			}
			known.key = "+" + norm.NFC.String(m.name)
			if unknown++; unknown > 256 {
				return nil, errOracle
			}
		}
		if seen[known.key] {
			return nil, errOracle
		}
		seen[known.key] = true
		if hasLoneSurrogate(m.raw) {
			r.replaced++
		}
		if text := string(m.text); text == "null" || text == `""` {
			continue
		}
		if ok {
			r.values[known.key] = m.text
			continue
		}
		if err := noDuplicates(m.text); err != nil {
			return nil, err
		}
		r.extras = append(r.extras, m)
	}
	return r, nil
}

// trueMembers splits an object. Its names may repeat.
func trueMembers(object []byte) ([]trueMember, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var members []trueMember
	for d.More() {
		var m trueMember
		start := d.InputOffset()
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		m.name, _ = name.(string)
		m.raw = object[start:d.InputOffset()]
		if err := d.Decode(&m.text); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}

// noDuplicates refuses a value with an object that has duplicate names.
func noDuplicates(value json.RawMessage) error {
	switch value[0] {
	case '[':
		var elements []json.RawMessage
		if err := json.Unmarshal(value, &elements); err != nil {
			return err
		}
		for _, element := range elements {
			if err := noDuplicates(element); err != nil {
				return err
			}
		}
	case '{':
		members, err := trueMembers(value)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, m := range members {
			if seen[m.name] {
				return errOracle
			}
			seen[m.name] = true
			if err := noDuplicates(m.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// append writes the record as appendAlert does.
func (r *trueRecord) append(b []byte, index int) ([]byte, error) {
	b = strconv.AppendInt(append(b, "alert "...), int64(index), 10)
	texts := map[string]string{}
	for _, key := range truthKeys {
		value, ok := r.values[key]
		if !ok {
			continue
		}
		var err error
		if b, err = r.appendValue(b, truths[key], value, texts); err != nil {
			return nil, err
		}
	}
	for _, extra := range r.extras {
		var compact bytes.Buffer
		if err := json.Compact(&compact, extra.text); err != nil {
			return nil, err
		}
		b = appendText(append(b, " +"...), norm.NFC.String(extra.name), compact.String())
	}
	processed, err := trueTime(texts["LastProcessedTimeUtc"])
	if err != nil || texts["AlertId"] == "" || texts["Severity"] == "" {
		return nil, errOracle
	}
	rank := 1 + slices.Index([]string{"informational", "low", "medium", "high"}, strings.ToLower(texts["Severity"]))
	if rank == 0 {
		rank = 5
	}
	return appendMeaning(b, processed, rank, r.replaced), nil
}

func (r *trueRecord) appendValue(b []byte, t truth, value json.RawMessage, texts map[string]string) ([]byte, error) {
	if t.kind == "number" || t.kind == "bool" {
		plain := strings.TrimSuffix(strings.TrimPrefix(string(value), `"`), `"`)
		if t.kind == "number" {
			n, err := strconv.ParseInt(plain, 10, 64)
			return appendNumber(b, t.key, n), err
		}
		if !slices.Contains([]string{"true", "True", "TRUE", "false", "False", "FALSE"}, plain) {
			return nil, errOracle
		}
		return appendBool(b, t.key, strings.EqualFold(plain, "true")), nil
	}
	if t.kind == "list" && value[0] == '[' {
		return r.appendList(b, t.key, value)
	}
	if value[0] != '"' {
		return nil, errOracle
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return nil, err
	}
	if hasLoneSurrogate(value) {
		if slices.Contains([]string{"AlertId", "FullId", "Severity"}, t.key) {
			return nil, errOracle
		}
		r.replaced++
	}
	texts[t.key] = text
	b = appendText(b, t.key, text)
	if t.kind == "list" {
		separator := ","
		if strings.Contains(text, ";") {
			separator = ";"
		}
		for _, element := range strings.Split(text, separator) {
			if element = strings.TrimSpace(element); element != "" {
				b = appendText(b, "element", element)
			}
		}
	}
	return b, nil
}

// appendList writes a list that is an array of strings.
func (r *trueRecord) appendList(b []byte, key string, array json.RawMessage) ([]byte, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(array, &elements); err != nil {
		return nil, err
	}
	whole := ""
	var list []string
	for _, element := range elements {
		if string(element) == "null" || string(element) == `""` {
			continue
		}
		var text string
		if err := json.Unmarshal(element, &text); err != nil {
			return nil, errOracle
		}
		if hasLoneSurrogate(element) {
			r.replaced++
		}
		whole += text + "\xff"
		if text = strings.TrimSpace(text); text != "" {
			list = append(list, text)
		}
	}
	if whole == "" {
		return b, nil
	}
	b = appendText(b, key, whole)
	for _, element := range list {
		b = appendText(b, "element", element)
	}
	return b, nil
}

// trueTime reads RFC 3339 strictly; without a zone it is UTC. UnmarshalText is
// strict but for a comma before the fraction.
func trueTime(text string) (t time.Time, err error) {
	if strings.Contains(text, ",") {
		return t, errOracle
	}
	if t.UnmarshalText([]byte(text)) != nil {
		err = t.UnmarshalText([]byte(text + "Z"))
	}
	return t.UTC(), err
}

// hasLoneSurrogate finds the escape of half a surrogate pair in a JSON string.
func hasLoneSurrogate(quoted []byte) bool {
	unit := func(b []byte) uint64 {
		if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
			return 0
		}
		n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
		if err != nil {
			return 0
		}
		return n
	}
	for i := 0; i < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		switch n := unit(quoted[i:]); {
		case n >= 0xd800 && n < 0xdc00:
			if low := unit(quoted[i+6:]); low < 0xdc00 || low > 0xdfff {
				return true
			}
			i += 11
		case n >= 0xdc00 && n < 0xe000:
			return true
		default:
			i++ // what is escaped
		}
	}
	return false
}
