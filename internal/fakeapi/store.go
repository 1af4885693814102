package fakeapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"
)

// record is one detection: its text, and the values that the service filters on.
type record struct {
	text []byte

	// processed is LastProcessedTimeUtc. If it is missing or invalid, timed is
	// false, and the record passes every window as the newest, so that the client
	// of a test gets every broken record.
	processed time.Time
	timed     bool

	group               string
	deviceTag, cloudTag string
}

// directory holds the records of each tenant.
type directory struct {
	mu     sync.Mutex
	tenant map[string][]record // by tenant id in lower case
}

func (d *directory) add(tenant string, records []record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tenant == nil {
		d.tenant = map[string][]record{}
	}
	d.tenant[strings.ToLower(tenant)] = records
}

func (d *directory) has(tenant string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.tenant[tenant]
	return ok
}

// records returns the stored slice, which must not be modified.
func (d *directory) records(tenant string) []record {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tenant[tenant]
}

// AddTenant adds or replaces another tenant that the same application may read,
// such as a customer of a managed security provider ("Fetch alerts from MSSP
// customer tenant"). Its detections are generated from the seed and the tenant id.
// A token is valid only for the tenant that it was issued for.
func (s *Server) AddTenant(tenantID string, alerts int) {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(strings.ToLower(tenantID)))
	s.populate(tenantID, dataset{
		seed: s.opts.Seed ^ hash.Sum64(), company: hash.Sum64(), count: alerts, now: s.opts.Now()})
}

// populate adds or replaces the data of a tenant behind both APIs. The alerts of
// Graph are generated at the first request, because most servers get none.
func (s *Server) populate(tenantID string, d dataset) {
	s.tenants.add(tenantID, d.records())
	s.graph.add(tenantID, func() []graphRecord { return d.graphRecords(strings.ToLower(tenantID)) })
}

// SetAlerts replaces the detections of Options.TenantID in the SIEM API with the
// elements of a JSON array, in order and byte for byte. It reads only the fields that the service
// filters on, in old and new spelling; all are optional. The error says that the
// text is not a JSON array.
func (s *Server) SetAlerts(jsonArray []byte) error {
	elements, err := splitArray(jsonArray)
	if err != nil {
		return err
	}
	records := make([]record, len(elements))
	for i, element := range elements {
		records[i] = readRecord(element)
	}
	s.tenants.add(s.opts.TenantID, records)
	return nil
}

// readRecord reads the filter keys of an element of any JSON type.
func readRecord(text []byte) record {
	var fields map[string]any
	_ = json.Unmarshal(text, &fields)
	field := func(names ...string) string {
		for _, name := range names {
			if value, ok := fields[name].(string); ok {
				return value
			}
		}
		return ""
	}
	processed, err := parseTime(field("LastProcessedTimeUtc"))
	return record{
		text:      text,
		processed: processed,
		timed:     err == nil,
		group:     field("MachineGroup"),
		deviceTag: field("DeviceCreatedMachineTags", "BuiltInMachineTags"),
		cloudTag:  field("CloudCreatedMachineTags", "UserDefinedMachineTags"),
	}
}

// splitArray returns the elements of a JSON array.
func splitArray(text []byte) ([]json.RawMessage, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("[")) {
		return nil, errors.New("fakeapi: alerts are not a JSON array")
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(text, &elements); err != nil {
		return nil, fmt.Errorf("fakeapi: alerts are not a JSON array: %w", err)
	}
	return elements, nil
}
