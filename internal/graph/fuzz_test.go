package graph

import (
	"errors"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// FuzzDecode decodes any body: it yields valid alerts, or an error without the text
// of the body. A second reading yields the same.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"endpoint.json", "antivirus.json"} {
		f.Add(payload(f, name))
	}
	for _, body := range []string{
		"", "{}", "[]", `{"value":null}`, `{"error":{}}`, pageOf(""), pageOf(`"evidence":[null,{}]`), pageOf(`"x":{"a":1,"a":2}`),
		pageOf(`"evidence":[` + piece("process", `"processId":1,"parentProcessId":1,"imageFile":{"fileName":"\ud800"}`) + `]`),
		pageOf(`"evidence":[` + piece("device", `"loggedOnUsers":[{"accountName":"\\"}],"ipInterfaces":[":"],"deviceDnsName":"."`) + `]`),
		pageOf(`"mitreTechniques":["\\",";"]`), `{"value":[],"@odata.nextLink":"n","@odata.count":9e9}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		results, info, err := decodeAll(body)
		for i, r := range results {
			id, processed := r.attributes["alert_id"], r.attributes["last_processed_time_utc"]
			if id == "" || processed == "" || r.attributes["severity"] == "" || string(r.alert.Identity) != id {
				t.Errorf("alert %d = %v, want the required attributes", i, r.attributes)
			}
			if r.alert.Index != i || !r.alert.HasTriage {
				t.Errorf("alert %d = index %d, triage %t, want %d and true", i, r.alert.Index, r.alert.HasTriage, i)
			}
		}
		again, sameInfo, sameErr := decodeAll(body)
		if len(again) != len(results) || sameInfo != info || (sameErr == nil) != (err == nil) {
			t.Errorf("second reading = %d alerts, %+v, error %v, want %d, %+v, %v", len(again), sameInfo, sameErr, len(results), info, err)
		}
		if err == nil {
			return
		}
		if _, ok := errors.AsType[*records.Error](err); !ok {
			t.Errorf("error = %v, want a *records.Error", err)
		}
		if info != (records.PageInfo{}) {
			t.Errorf("decode = %+v with an error, want nothing", info)
		}
	})
}
