package records_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// BenchmarkUnknownKeys measures the time of a key in records of 64 and of 256 unknown
// keys.
func BenchmarkUnknownKeys(b *testing.B) {
	table := records.NewTable([]records.Name{{Key: "Id"}})
	for _, n := range []int{64, 256} {
		var members strings.Builder
		for i := range n {
			fmt.Fprintf(&members, `,"k%d":1`, i)
		}
		body := `[` + strings.Repeat(`{`+members.String()[1:]+`},`, 999) + `{` + members.String()[1:] + `}]`
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			began := time.Now()
			for b.Loop() {
				if err := records.Array(strings.NewReader(body), "", table, func(o *records.Object) error { return o.Members(nothing{}) }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(time.Since(began).Nanoseconds())/float64(b.N*1000*n), "ns/key")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// nothing is a target that keeps nothing.
type nothing struct{}

func (nothing) Known(int, jsontext.Value) records.Problem { return records.None }
func (nothing) Unknown(_, _ []byte)                       {}
