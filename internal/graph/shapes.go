package graph

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// A shape is the part of a kind of object that is read into a T.
type shape[T any] struct {
	table   *records.Table
	readers []reader[T]
}

// A reader reads the value of a member into a T.
type reader[T any] func(t *texts, into *T, value jsontext.Value) records.Problem

// A property is a member of an object with its reader.
type property[T any] struct {
	key  string
	read reader[T]
}

func newShape[T any](properties ...property[T]) *shape[T] {
	var s shape[T]
	names := make([]records.Name, len(properties))
	for i, p := range properties {
		names[i] = records.Name{Key: p.key}
		s.readers = append(s.readers, p.read)
	}
	s.table = records.NewTable(names)
	return &s
}

// read reads an object; null has no members.
func (s *shape[T]) read(t *texts, into *T, object jsontext.Value) records.Problem {
	if object.Kind() == jsontext.KindNull {
		return records.None
	}
	return t.object.Inner(object, s.table, func(field int, value jsontext.Value) records.Problem {
		return s.readers[field](t, into, value)
	})
}

// The shapes follow the pages of the resource types of Microsoft Graph security:
// alertEvidence and those derived from it.
var (
	typeShape = newShape(property[[]byte]{"@odata.type", aText(func(odataType *[]byte) *[]byte { return odataType })})

	deviceShape = newShape(
		property[device]{"mdeDeviceId", aText(func(d *device) *[]byte { return &d.id })},
		property[device]{"deviceDnsName", aText(func(d *device) *[]byte { return &d.dnsName })},
		property[device]{"hostName", aText(func(d *device) *[]byte { return &d.hostName })},
		property[device]{"dnsDomain", aText(func(d *device) *[]byte { return &d.dnsDomain })},
		property[device]{"rbacGroupName", aText(func(d *device) *[]byte { return &d.group })},
		property[device]{"detailedRoles", aList(func(d *device) *[][]byte { return &d.roles })},
		property[device]{"tags", aList(func(d *device) *[][]byte { return &d.tags })},
		property[device]{"ipInterfaces", aList(func(d *device) *[][]byte { return &d.interfaces })},
		property[device]{"loggedOnUsers", readUsers},
	)
	processShape = newShape(
		property[process]{"processId", aNumber(func(p *process) *processID { return &p.identity })},
		property[process]{"processCreationDateTime", aMoment(func(p *process) *moment { return &p.identity.created })},
		property[process]{"mdeDeviceId", aText(func(p *process) *[]byte { return &p.device })},
		property[process]{"parentProcessId", aNumber(func(p *process) *processID { return &p.parent })},
		property[process]{"parentProcessCreationDateTime", aMoment(func(p *process) *moment { return &p.parent.created })},
		property[process]{"processCommandLine", aText(func(p *process) *[]byte { return &p.commandLine })},
		property[process]{"detectionStatus", aText(func(p *process) *[]byte { return &p.detection })},
		property[process]{"remediationStatus", aText(func(p *process) *[]byte { return &p.remediation })},
		property[process]{"imageFile", anObject(detailsShape, func(p *process) *details { return &p.image })},
		property[process]{"userAccount", anObject(accountShape, func(p *process) *account { return &p.user })},
	)
	fileShape = newShape(
		property[file]{"fileDetails", anObject(detailsShape, func(f *file) *details { return &f.details })},
		property[file]{"remediationStatus", aText(func(f *file) *[]byte { return &f.remediation })},
		property[file]{"detailedRoles", aList(func(f *file) *[][]byte { return &f.roles })},
	)
	userShape    = newShape(property[account]{"userAccount", anObject(accountShape, func(a *account) *account { return a })})
	addressShape = newShape(property[[]byte]{"ipAddress", aText(func(address *[]byte) *[]byte { return address })})
	urlShape     = newShape(property[[]byte]{"url", aText(func(url *[]byte) *[]byte { return url })})

	detailsShape = newShape(
		property[details]{"fileName", aText(func(d *details) *[]byte { return &d.name })},
		property[details]{"filePath", aText(func(d *details) *[]byte { return &d.path })},
		property[details]{"sha1", aText(func(d *details) *[]byte { return &d.sha1 })},
		property[details]{"sha256", aText(func(d *details) *[]byte { return &d.sha256 })},
		property[details]{"md5", aText(func(d *details) *[]byte { return &d.md5 })},
	)
	accountShape = newShape(
		property[account]{"accountName", aText(func(a *account) *[]byte { return &a.name })},
		property[account]{"domainName", aText(func(a *account) *[]byte { return &a.domain })},
	)
)

func aText[T any](of func(*T) *[]byte) reader[T] {
	return func(t *texts, into *T, value jsontext.Value) (p records.Problem) {
		*of(into), p = t.read(value)
		return p
	}
}

func aList[T any](of func(*T) *[][]byte) reader[T] {
	return func(t *texts, into *T, value jsontext.Value) (p records.Problem) {
		*of(into), p = t.readList(value)
		return p
	}
}

func anObject[T, U any](shape *shape[U], of func(*T) *U) reader[T] {
	return func(t *texts, into *T, value jsontext.Value) records.Problem {
		return shape.read(t, of(into), value)
	}
}

// aNumber reads the number of a process.
func aNumber[T any](of func(*T) *processID) reader[T] {
	return func(_ *texts, into *T, value jsontext.Value) records.Problem {
		if value.Kind() == jsontext.KindNull {
			return records.None
		}
		n, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil {
			return records.WrongType
		}
		of(into).number, of(into).isSet = n, true
		return records.None
	}
}

// A moment is a time that is only compared. Times that are not RFC 3339 are
// compared as text.
type moment struct {
	instant time.Time // UTC
	text    string
}

func aMoment[T any](of func(*T) *moment) reader[T] {
	return func(t *texts, into *T, value jsontext.Value) records.Problem {
		text, problem := t.read(value)
		if instant, err := alert.ParseTime(string(text)); err == nil {
			*of(into) = moment{instant: instant}
		} else {
			*of(into) = moment{text: string(text)}
		}
		return problem
	}
}

// readUsers reads loggedOnUsers: each user as domain\account, like the SIEM API.
func readUsers(t *texts, into *device, array jsontext.Value) records.Problem {
	return t.each(array, func(value jsontext.Value) records.Problem {
		var user account
		problem := accountShape.read(t, &user, value)
		switch {
		case len(user.name) == 0:
		case len(user.domain) == 0:
			into.users = append(into.users, user.name)
		default:
			into.users = append(into.users, []byte(string(user.domain)+`\`+string(user.name)))
		}
		return problem
	})
}
