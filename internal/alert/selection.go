package alert

import (
	"crypto/rand"
	"crypto/sha256"
	"hash"
	"unsafe"

	"golang.org/x/text/unicode/norm"
)

// SelectionOptions configure a Selection. The zero value keeps and counts all
// alerts, however much memory they take.
type SelectionOptions struct {
	Query  Query  // sent to the service; alerts outside it are anomalies
	Filter Filter // alerts to keep
	Gate   *Gate  // the gate that will judge the selection; nil: none

	// Encode appends the encoded form of an alert, for Encoded. Nil: only the
	// counts are wanted.
	Encode func(dst []byte, a *Alert) []byte

	MaxBytes int // memory that the selection may take; 0: no bound
}

// A Selection is a Sink that keeps of each alert only what the result needs: some
// 110 bytes for the counts and, if the caller wants the alerts themselves, their
// encoded form. Texts that are only compared are held as keys.
type Selection struct {
	options SelectionOptions // texts in NFC
	hash    hash.Hash        // SHA-256
	secret  [32]byte         // what a hash begins with
	sum     [sha256.Size]byte

	entries table[entry]
	places  map[key]int32 // entry by identity
	symbols symbols
	details table[detail]
	texts   int // bytes of the texts of details
	encoded chunks
	draft   []byte // the alert being encoded

	anomalies Anomalies
	matched   []bool // by exclusion: it matched an alert
	category  bool   // the filter of categories kept an alert, judged alone
	source    bool   // likewise the filter of sources
	fetched   int
	sorted    []int32 // cache of kept
}

// A key stands for a text: 16 bytes of a hash that begins with a secret of the
// selection. Nobody can search for two texts of one key, and by chance there are
// none, so that keys are compared and texts are not held.
type key [16]byte

// NewSelection returns an empty selection.
func NewSelection(o SelectionOptions) *Selection {
	o.Query.MachineGroups = normalTexts(o.Query.MachineGroups)
	o.Filter = o.Filter.normal()
	s := &Selection{options: o, hash: sha256.New()}
	rand.Read(s.secret[:]) // never fails
	s.Reset()
	return s
}

// Reset discards all alerts.
func (s *Selection) Reset() {
	s.entries = table[entry]{}
	s.places = make(map[key]int32)
	s.symbols = newSymbols()
	s.details = table[detail]{}
	s.texts, s.encoded, s.draft = 0, chunks{}, nil
	s.anomalies = Anomalies{}
	s.category, s.source = false, false
	s.matched = make([]bool, len(s.options.Filter.Exclusions))
	s.fetched = 0
	s.sorted = nil
}

// Add takes the next alert. Of duplicates it keeps the most severe, of equally
// severe ones the newest. It returns ErrTooLarge once the alerts take more
// memory than the bound; the selection then is no result until it is reset.
func (s *Selection) Add(a *Alert) error {
	if s.tooLarge() {
		return ErrTooLarge
	}
	s.fetched++
	s.sorted = nil
	s.note(a)
	judged := s.judge(a)
	if len(a.Identity) == 0 {
		s.entries.add(s.entry(a, judged, 0))
	} else {
		identity := s.key(a.Identity)
		place, duplicate := s.places[identity]
		if !duplicate {
			s.places[identity] = s.entries.count
			s.entries.add(s.entry(a, judged, 0))
		} else if e := s.entries.at(place); e.yieldsTo(a, judged) {
			*e = s.entry(a, judged, e.detail)
		}
	}
	if s.tooLarge() {
		return ErrTooLarge
	}
	return nil
}

// key returns the key of a text.
func (s *Selection) key(text []byte) key {
	s.hash.Reset()
	s.hash.Write(s.secret[:])
	s.hash.Write(text)
	return key(s.hash.Sum(s.sum[:0]))
}

// placeBytes is the memory of an identity in the map: a slot of 21 bytes, and
// the slots that a map keeps free at worst.
const placeBytes = 48

func (s *Selection) tooLarge() bool {
	return s.options.MaxBytes > 0 && s.held() > s.options.MaxBytes
}

// held returns the memory that the selection takes, in bytes.
func (s *Selection) held() int {
	return s.entries.held() + len(s.places)*placeBytes + s.symbols.held + s.details.held() + s.texts + s.encoded.held + cap(s.draft)
}

// judge decides about an alert, and marks the exclusions that match it.
func (s *Selection) judge(a *Alert) state {
	filter, excluded := &s.options.Filter, false
	if len(filter.Exclusions) > 0 {
		title := norm.NFC.Bytes(a.Text(FieldAlertTitle))
		for i := range filter.Exclusions {
			if filter.Exclusions[i].matches(a, title) {
				s.matched[i], excluded = true, true
			}
		}
	}
	category, source := matches(filter.Categories, a.Text(FieldCategory)), matches(filter.Sources, a.Text(FieldSource))
	s.category, s.source = s.category || category, s.source || source
	switch {
	case excluded:
		return stateExcluded
	case !category || !source || !filter.keepsSeverity(a.rank()):
		return stateFiltered
	}
	return stateKept
}

// truncated reports whether the service may have more alerts than the limit.
func (s *Selection) truncated() bool {
	return s.options.Query.Limit > 0 && s.fetched >= s.options.Query.Limit
}

// A table holds rows in chunks, so that growth copies nothing and a row stays
// where it is.
type table[T any] struct {
	chunks [][]T
	count  int32
}

// chunkRows makes the chunks of an entry and of a detail as large as the
// allocator's size classes.
const chunkRows = 256

func (t *table[T]) add(row T) {
	if t.count%chunkRows == 0 {
		t.chunks = append(t.chunks, make([]T, 0, chunkRows))
	}
	last := len(t.chunks) - 1
	t.chunks[last] = append(t.chunks[last], row)
	t.count++
}

func (t *table[T]) at(i int32) *T { return &t.chunks[i/chunkRows][i%chunkRows] }

// all yields the rows in the order in which they were added.
func (t *table[T]) all(yield func(*T) bool) {
	for _, chunk := range t.chunks {
		for i := range chunk {
			if !yield(&chunk[i]) {
				return
			}
		}
	}
}

func (t *table[T]) held() int {
	var row T
	return len(t.chunks) * chunkRows * int(unsafe.Sizeof(row))
}
