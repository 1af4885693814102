package graph

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// maxEvidence is the maximum number of pieces of evidence of the types below. No
// alert seen has more than a dozen.
const maxEvidence = 4096

// evidence holds the pieces of evidence of one alert by type, in the order sent.
type evidence struct {
	texts     *texts
	count     int
	devices   []device
	processes []process
	files     []file
	users     []account
	addresses [][]byte
	urls      [][]byte
}

type device struct {
	id, dnsName, hostName, dnsDomain, group []byte

	roles, tags, interfaces [][]byte
	users                   [][]byte // domain\account
}

type process struct {
	identity, parent processID
	device           []byte // ID of its device
	commandLine      []byte
	detection        []byte // detectionStatus
	remediation      []byte // remediationStatus
	image            details
	user             account
}

type file struct {
	details     details
	remediation []byte // remediationStatus
	roles       [][]byte
}

// details are those of a file.
type details struct{ name, path, sha1, sha256, md5 []byte }

func (d *details) isUnset() bool {
	return len(slices.Concat(d.name, d.path, d.sha1, d.sha256, d.md5)) == 0
}

type account struct{ name, domain []byte }

func (a *account) isUnset() bool { return len(a.name)+len(a.domain) == 0 }

// evidenceTypes are the types of evidence that are read, by the name in @odata.type.
var evidenceTypes = map[string]func(*evidence, jsontext.Value) records.Problem{
	"deviceEvidence": func(e *evidence, value jsontext.Value) records.Problem {
		return add(e, &e.devices, deviceShape, value)
	},
	"processEvidence": func(e *evidence, value jsontext.Value) records.Problem {
		return add(e, &e.processes, processShape, value)
	},
	"fileEvidence": func(e *evidence, value jsontext.Value) records.Problem {
		return add(e, &e.files, fileShape, value)
	},
	"userEvidence": func(e *evidence, value jsontext.Value) records.Problem {
		return add(e, &e.users, userShape, value)
	},
	"ipEvidence": func(e *evidence, value jsontext.Value) records.Problem {
		return add(e, &e.addresses, addressShape, value)
	},
	"urlEvidence": func(e *evidence, value jsontext.Value) records.Problem {
		return add(e, &e.urls, urlShape, value)
	},
}

// add reads a piece of evidence into a new element of the list of its type.
func add[T any](e *evidence, list *[]T, shape *shape[T], value jsontext.Value) records.Problem {
	if e.count++; e.count > maxEvidence {
		return records.TooManyItems
	}
	var piece T
	problem := shape.read(e.texts, &piece, value)
	*list = append(*list, piece)
	return problem
}

// read reads the evidence of an alert; null is none.
func (e *evidence) read(t *texts, array jsontext.Value) records.Problem {
	e.texts = t
	if array.Kind() == jsontext.KindNull {
		return records.None
	}
	return t.object.Elements(array, e.readPiece)
}

// clear removes all pieces, and keeps the memory for the next alert's.
func (e *evidence) clear() {
	e.count = 0
	e.devices, e.processes, e.files = empty(e.devices), empty(e.processes), empty(e.files)
	e.users, e.addresses, e.urls = empty(e.users), empty(e.addresses), empty(e.urls)
}

// empty returns a list without its elements, whose texts no longer take memory.
func empty[T any](list []T) []T {
	clear(list)
	return list[:0]
}

func (e *evidence) readPiece(value jsontext.Value) records.Problem {
	if value.Kind() == jsontext.KindNull {
		return records.None
	}
	var odataType []byte
	if problem := typeShape.read(e.texts, &odataType, value); problem != records.None {
		return problem
	}
	if len(odataType) == 0 {
		return records.MissingField // it may be a device, which filters need
	}
	name := string(odataType[bytes.LastIndexByte(odataType, '#')+1:])
	if read, ok := evidenceTypes[strings.TrimPrefix(name, "microsoft.graph.security.")]; ok {
		return read(e, value)
	}
	return records.None
}

// distinct returns the texts without the repeated and the empty ones, in their order.
func distinct(list [][]byte) [][]byte {
	seen := make(map[uint64][]byte, len(list)) // by hash, as copies of the texts take their memory again
	var first [][]byte
	for _, text := range list {
		hash := maphash.Bytes(hashSeed, text)
		if !bytes.Equal(seen[hash], text) { // what is not in seen equals an empty text
			seen[hash] = text
			first = append(first, text)
		}
	}
	return first
}

var hashSeed = maphash.MakeSeed()

// isIPv6 reports whether an address of a device is one of IPv6.
func isIPv6(address []byte) bool { return bytes.IndexByte(address, ':') >= 0 }
