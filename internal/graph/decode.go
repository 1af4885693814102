package graph

import (
	"io"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// An Alert is one alert of a page. It is valid during the call that received it.
type Alert struct {
	Detection alert.Detection
	Created   time.Time // createdDateTime, zero if it is null
	Groups    [][]byte  // the device group of each device that has one
	Tags      [][]byte  // the tags of all devices
}

// decode reads a page to its end and calls add for each alert as it arrives. It
// returns nil only for a whole, valid page. An error of add ends it.
func decode(r io.Reader, requestID string, add func(*Alert) error) (records.PageInfo, error) {
	var d decoder
	return records.Page(r, requestID, memberTable, func(o *records.Object) error {
		if err := d.read(o); err != nil {
			return err
		}
		return add(&d.alert)
	})
}
