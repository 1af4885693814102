package fakeapi

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// detection is the content of a record, independent of its shape.
type detection struct {
	shape    shape
	rule     *rule
	machine  *machine
	company  company
	file     file
	user     string
	deviceID string

	alertID, iocID string
	part           int
	reportID       int64
	externalID     string

	alertTime, processed time.Time
	fraction             int  // digits of the times
	escape               bool // write the record with \u escapes
	extraKey             bool
}

// alert generates the detections of one alert: mostly one; for some alerts one
// part per IOC, numbered from 0; for some a second detection on the same machine.
func (g *generator) alert(number int, offset time.Duration) []detection {
	d := g.detection(number, offset)
	parts, repeats := 1, 1
	switch die := g.random.IntN(100); {
	case number == 1 || die < 12:
		parts = 2 + die%2
	case number == 2 || die < 24:
		repeats = 2
	}
	var all []detection
	for i := range parts * repeats {
		d := d
		d.part = i % parts
		d.iocID = g.iocID(d.shape)
		d.reportID = g.random.Int64N(1 << 31)
		d.externalID = strings.ToUpper(g.hex(20))
		d.fraction = fractions[g.made%len(fractions)]
		d.escape = g.made%5 == 4
		d.processed = trim(d.processed.Add(-time.Duration(i)*time.Second), d.fraction)
		d.alertTime = trim(d.alertTime, fractions[(g.made+3)%len(fractions)])
		g.made++
		all = append(all, d)
	}
	return all
}

// detection chooses the event, its machine and its times. The event precedes its
// processing by minutes, sometimes by days.
func (g *generator) detection(number int, offset time.Duration) detection {
	at := g.random.IntN(len(machines))
	r := g.rules[g.random.IntN(len(g.rules))]
	d := detection{
		shape:     shapeOf(number),
		rule:      r,
		machine:   &machines[at],
		company:   g.company,
		file:      g.files[r][g.random.IntN(fileVariants)],
		deviceID:  g.deviceIDs[at],
		processed: g.now.Add(-offset),
	}
	if users := d.machine.users; len(users) > 0 {
		d.user = users[g.random.IntN(len(users))]
	}
	delay := g.between(20*time.Second, 6*time.Minute)
	if g.random.IntN(20) == 0 {
		delay = g.between(time.Hour, 4*24*time.Hour)
	}
	d.alertTime = d.processed.Add(-delay)
	d.alertID = fmt.Sprintf("%s%d_%d", d.shape.idPrefix(), ticks(d.alertTime), int32(g.random.Uint32()))
	return d
}

// iocID returns 32 random bytes in base64, or in hexadecimal for 2017.
func (g *generator) iocID(s shape) string {
	if s == shape2017 {
		return strings.ToUpper(g.hex(32))
	}
	return base64.URLEncoding.EncodeToString(g.bytes(32))
}

func (g *generator) hex(n int) string { return fmt.Sprintf("%x", g.bytes(n)) }

func (g *generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.random.Uint32())
	}
	return b
}

// ticks returns .NET's count of 100 ns since the year 1, the first half of an
// alert id.
func ticks(t time.Time) int64 {
	const unixEpoch = 621_355_968_000_000_000
	return unixEpoch + t.UnixNano()/100
}

// trim truncates t to this many fractional digits, the last of them not 0.
func trim(t time.Time, digits int) time.Time {
	unit := time.Second
	for range digits {
		unit /= 10
	}
	t = t.Truncate(unit)
	if digits > 0 && int64(t.Nanosecond())/int64(unit)%10 == 0 {
		t = t.Add(unit)
	}
	return t
}

// dnsName returns the machine's fully qualified name, or its host name without a
// domain.
func (d detection) dnsName() string {
	if d.machine.unjoined {
		return d.machine.name
	}
	return d.machine.name + "." + d.company.domain
}

func (d detection) domain() string {
	if d.machine.unjoined {
		return ""
	}
	return d.company.domain
}

// userDomain returns the domain of the user accounts: an unjoined machine is its own.
func (d detection) userDomain() string {
	if d.machine.unjoined {
		return strings.ToUpper(d.machine.name)
	}
	return d.company.netbios
}

// userName returns the user, which only behavioural detections set.
func (d detection) userName() string {
	if d.rule.threat != nil {
		return ""
	}
	return d.user
}

// logOnUsers joins the interactive users with "; ".
func (d detection) logOnUsers() string {
	names := make([]string, len(d.machine.users))
	for i, user := range d.machine.users {
		names[i] = d.userDomain() + `\` + user
	}
	return strings.Join(names, "; ")
}

// The filter keys, which the 2017 shape does not have.

func (d detection) machineGroup() string { return d.unless2017(d.machine.group) }
func (d detection) deviceTag() string    { return d.unless2017(d.machine.deviceTag) }
func (d detection) cloudTags() string    { return d.unless2017(d.machine.cloudTags) }

func (d detection) unless2017(s string) string {
	if d.shape == shape2017 {
		return ""
	}
	return s
}

// fill replaces the placeholders for machine and user in a rule's text.
func (d detection) fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	user := d.user
	if user == "" {
		user = "SYSTEM"
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "{user}", user), "{host}", d.machine.name)
}
