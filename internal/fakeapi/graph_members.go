package fakeapi

import (
	"bytes"
	"encoding/json"
	"slices"
)

// unknownFuture stands for every member that was added to an evolvable enumeration
// after it. A client that prefers unknownMembers gets the members themselves; see
// the page "Best practices for working with Microsoft Graph".
const (
	unknownFuture  = "unknownFutureValue"
	unknownMembers = "include-unknown-enum-members"
)

// lateMembers are the members behind unknownFuture, by property, of those that this
// package generates or a test is likely to set.
var lateMembers = map[string][]string{
	"serviceSource": {
		"microsoftDefenderForCloud", "microsoftSentinel", "microsoftInsiderRiskManagement", "microsoftThreatIntelligence",
		"microsoftSecurityForAI"},
	"remediationStatus": {"active", "pendingApproval", "declined", "unremediated", "running", "partiallyRemediated"},
	"detectionSource": {
		"microsoftDefenderForCloud", "microsoftDefenderForIoT", "microsoftDefenderForServers", "microsoftDefenderForStorage",
		"microsoftDefenderForDNS", "microsoftDefenderForDatabases", "microsoftDefenderForContainers",
		"microsoftDefenderForNetwork", "microsoftDefenderForAppService", "microsoftDefenderForKeyVault",
		"microsoftDefenderForResourceManager", "microsoftDefenderForApiManagement", "nrtAlerts", "scheduledAlerts",
		"microsoftDefenderThreatIntelligenceAnalytics", "builtInMl", "microsoftInsiderRiskManagement",
		"microsoftThreatIntelligence", "microsoftDefenderForAIServices", "securityCopilot", "microsoftSentinel"},
}

// hideUnknownMembers replaces members behind unknownFuture, and keeps every other
// byte. Text that is not JSON is kept as it is.
func hideUnknownMembers(text []byte) []byte {
	var out []byte
	copied := 0
	walkStrings(text, func(key, value string, start, end int) {
		if slices.Contains(lateMembers[key], value) {
			out = append(append(out, text[copied:start]...), `"`+unknownFuture+`"`...)
			copied = end
		}
	})
	return append(out, text[copied:]...)
}

// walkStrings calls visit for each string that is the value of a key, with its
// place in the text.
func walkStrings(text []byte, visit func(key, value string, start, end int)) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	var walk func(key string) bool
	walk = func(key string) bool {
		before := int(decoder.InputOffset())
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		switch token := token.(type) {
		case string:
			start := before + bytes.IndexByte(text[before:], '"')
			visit(key, token, start, int(decoder.InputOffset()))
		case json.Delim:
			for decoder.More() {
				inner := ""
				if token == '{' {
					name, err := decoder.Token()
					if err != nil {
						return false
					}
					inner, _ = name.(string)
				}
				if !walk(inner) {
					return false
				}
			}
			_, err = decoder.Token()
			return err == nil
		}
		return true
	}
	walk("")
}
