package alert

import "testing"

func TestFieldIndexPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic for a key that the table does not have")
		}
	}()
	fieldIndex("alertid")
}
