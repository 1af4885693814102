package alert

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"hash"
	"unsafe"

	"golang.org/x/text/unicode/norm"
)

// SelectionOptions configure a Selection. The zero value keeps and counts all
// detections, however much memory they take.
type SelectionOptions struct {
	Query  Query  // the request, to find anomalies of its response
	Filter Filter // selects the detections to keep
	Gate   *Gate  // the gate that will judge the selection; nil: none

	// Versions says that duplicates are versions of one alert, of which the newest
	// counts. Otherwise they are one detection sent again, and the most severe counts.
	Versions bool

	// Encode appends the encoded form of a detection, for Encoded. Nil: only the
	// counts are needed.
	Encode func(dst []byte, d *Detection) []byte

	MaxBytes int // memory that the selection may take; 0: no bound
}

// A Selection is a Sink that keeps only the parts of a detection that the result
// needs: some 140 bytes for the counts and, with Encode, the encoded form. Texts
// that are only compared are held as keys.
type Selection struct {
	options    SelectionOptions // texts in NFC
	exclusions *exclusions
	hash       hash.Hash // SHA-256
	secret     [32]byte  // the first input of every hash
	sum        [sha256.Size]byte

	entries table[entry]
	places  map[key]int32 // index of the entry, by identity
	symbols symbols
	details table[detail]
	texts   int // bytes of the texts of details
	encoded chunks
	draft   []byte // the detection being encoded

	anomalies       Anomalies
	matched         []bool // by exclusion: it matched a detection
	categoryMatched bool   // Filter.Categories alone would keep a detection
	sourceMatched   bool   // Filter.Sources alone would keep a detection
	fetched         int
	sorted          []int32  // cache of kept
	members         []member // cache of byAlert
}

// A key represents a text: 16 bytes of a hash of it and of the selection's secret.
// Without the secret nobody can construct two texts with one key, and a collision
// by chance is practically impossible, so keys are compared instead of texts. The
// zero key represents no text.
type key [16]byte

func compareKeys(k, l key) int { return bytes.Compare(k[:], l[:]) }

// NewSelection returns an empty selection.
func NewSelection(o SelectionOptions) *Selection {
	o.Query.MachineGroups = NormalTexts(o.Query.MachineGroups)
	o.Filter = o.Filter.normal()
	s := &Selection{options: o, exclusions: newExclusions(o.Filter.Exclusions), hash: sha256.New()}
	rand.Read(s.secret[:]) // never fails
	s.Reset()
	return s
}

// Reset discards all detections.
func (s *Selection) Reset() {
	s.entries = table[entry]{}
	s.places = make(map[key]int32)
	s.symbols = newSymbols()
	s.details = table[detail]{}
	s.texts, s.encoded, s.draft = 0, chunks{}, nil
	s.anomalies = Anomalies{}
	s.categoryMatched, s.sourceMatched = false, false
	s.matched = make([]bool, len(s.options.Filter.Exclusions))
	s.fetched = 0
	s.sorted, s.members = nil, nil
}

// Add takes the next detection. Of duplicates it keeps the most severe, of equally
// severe ones the newest; of versions the newest. It returns ErrTooLarge once the detections take more
// memory than the bound; the selection is then unusable until it is reset.
func (s *Selection) Add(d *Detection) error {
	if s.tooLarge() || d.IsLong() || d.LongField() != NoField {
		return ErrTooLarge
	}
	s.sorted, s.members = nil, nil
	place, duplicate := s.place(d)
	if !duplicate || !s.options.Versions {
		s.fetched++
		s.addAnomalies(d)
	}
	judged := s.judge(d)
	if !duplicate {
		s.entries.add(s.entry(d, judged, 0))
	} else if e := s.entries.at(place); s.replaces(e, d, judged) {
		*e = s.entry(d, judged, e.detail)
	}
	if s.tooLarge() {
		return ErrTooLarge
	}
	return nil
}

// place returns the index of the entry of a detection, and whether it exists: whether
// the detection is a duplicate.
func (s *Selection) place(d *Detection) (int32, bool) {
	if len(d.Identity) == 0 {
		return 0, false
	}
	identity := s.key(d.Identity)
	place, duplicate := s.places[identity]
	if !duplicate {
		s.places[identity] = s.entries.count
	}
	return place, duplicate
}

// key returns the key of a text, the zero key for an empty one.
func (s *Selection) key(text []byte) key {
	if len(text) == 0 {
		return key{}
	}
	s.hash.Reset()
	s.hash.Write(s.secret[:])
	s.hash.Write(text)
	return key(s.hash.Sum(s.sum[:0]))
}

// normalKey returns the key of a text in NFC, which it does not hold: it may be
// several times as long as the text.
func (s *Selection) normalKey(text []byte) key {
	if norm.NFC.IsNormal(text) {
		return s.key(text)
	}
	s.hash.Reset()
	s.hash.Write(s.secret[:])
	normal := norm.NFC.Writer(s.hash)
	_, _ = normal.Write(text) // a hash has no errors
	_ = normal.Close()
	return key(s.hash.Sum(s.sum[:0]))
}

// placeBytes is the memory of an identity in the map: a slot of 21 bytes, and its
// share of the free slots at worst.
const placeBytes = 48

func (s *Selection) tooLarge() bool {
	return s.options.MaxBytes > 0 && s.held() > s.options.MaxBytes
}

// held returns the memory that the selection takes, in bytes.
func (s *Selection) held() int {
	return s.entries.held() + len(s.places)*placeBytes + s.symbols.held + s.details.held() + s.texts + s.encoded.held + cap(s.draft)
}

// judge returns the state of a detection, and marks the exclusions that match it.
func (s *Selection) judge(d *Detection) state {
	filter, excluded := &s.options.Filter, s.exclusions.mark(d, s.matched)
	category, source := Matches(filter.Categories, d.Text(FieldCategory)), Matches(filter.Sources, d.Text(FieldSource))
	s.categoryMatched, s.sourceMatched = s.categoryMatched || category, s.sourceMatched || source
	switch {
	case excluded:
		return stateExcluded
	case !category || !source || !filter.keepsSeverity(d.rank()) || !filter.keepsTriage(d):
		return stateFiltered
	}
	return stateKept
}

// truncated reports whether the service may have more detections than the limit.
func (s *Selection) truncated() bool {
	return s.options.Query.Limit > 0 && s.fetched >= s.options.Query.Limit
}

// A table holds rows in chunks, so that growth copies nothing and pointers to rows
// stay valid.
type table[T any] struct {
	chunks [][]T
	count  int32
}

// chunkRows is a number with which a chunk of entries and a chunk of details each
// fill a size class of the allocator.
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
