package alert

import "testing"

func TestFieldIndexPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error(`fieldIndex("alertid") returned, want a panic: the table has no such key`)
		}
	}()
	fieldIndex("alertid")
}
