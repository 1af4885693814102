package graph

import (
	"bytes"
	"slices"
)

// A choice is the evidence that the fields of an alert show. What the evidence lacks
// is empty.
type choice struct {
	device      device
	process     process
	file        details
	remediation []byte // of the file's evidence, or of the process's
	user        account
	addresses   [][]byte
	urls        [][]byte
}

// A processID identifies a process on its device: the system uses numbers again.
type processID struct {
	number  int64
	isSet   bool
	created moment
}

// choose chooses as the package comment describes. Its time is linear.
func choose(e *evidence) choice {
	c := choice{addresses: distinct(e.addresses), urls: distinct(e.urls)}
	if i := primaryDevice(e.devices); i >= 0 {
		c.device = e.devices[i]
	}
	if i := subjectProcess(e.processes, c.device.id); i >= 0 {
		c.process = e.processes[i]
	}
	c.chooseFile(e.files)
	c.user = c.process.user
	if i := slices.IndexFunc(e.users, func(a account) bool { return !a.isUnset() }); i >= 0 {
		c.user = e.users[i]
	}
	return c
}

// primaryDevice returns the index of the primary device, or -1 without devices.
func primaryDevice(devices []device) int {
	isPrimary := func(role []byte) bool {
		return bytes.EqualFold(role, []byte("PrimaryDevice")) || bytes.EqualFold(role, []byte("Main device"))
	}
	for _, is := range []func(device) bool{
		func(d device) bool { return slices.ContainsFunc(d.roles, isPrimary) },
		func(d device) bool { return len(d.id) > 0 },
		func(device) bool { return true },
	} {
		if i := slices.IndexFunc(devices, is); i >= 0 {
			return i
		}
	}
	return -1
}

// subjectProcess returns the index of the process that is the subject of the alert,
// or -1 without processes: the first of those on the primary device, or of all if
// none is on it, that is not the parent of another. Where all are parents, it is the
// first.
func subjectProcess(processes []process, primary []byte) int {
	parents := make(map[processID]bool, len(processes))
	for i := range processes {
		// A process is not its own parent, and repeats have the same parent.
		if p := &processes[i]; p.parent.isSet && p.parent != p.identity {
			parents[p.parent] = true
		}
	}
	onPrimary := func(p process) bool { return len(primary) > 0 && bytes.Equal(p.device, primary) }
	isLeaf := func(p process) bool { return !p.identity.isSet || !parents[p.identity] }
	isCandidate := onPrimary
	if !slices.ContainsFunc(processes, onPrimary) {
		isCandidate = func(process) bool { return true }
	}
	if i := slices.IndexFunc(processes, func(p process) bool { return isCandidate(p) && isLeaf(p) }); i >= 0 {
		return i
	}
	return slices.IndexFunc(processes, isCandidate)
}

// chooseFile chooses the file and the remediation. All of a file's fields are from
// one object; details without any of them are no file.
func (c *choice) chooseFile(files []file) {
	c.file, c.remediation = c.process.image, c.process.remediation
	i := slices.IndexFunc(files, func(f file) bool { return !f.details.isUnset() && !f.isReferred() })
	if i < 0 && c.file.isUnset() {
		i = slices.IndexFunc(files, func(f file) bool { return !f.details.isUnset() })
	}
	if i >= 0 {
		c.file, c.remediation = files[i].details, files[i].remediation
	}
}

// isReferred reports whether a file is only referred to, as in a command line.
func (f *file) isReferred() bool {
	const referred = "Referred"
	return slices.ContainsFunc(f.roles, func(role []byte) bool {
		return len(role) >= len(referred) && bytes.EqualFold(role[:len(referred)], []byte(referred))
	})
}

// machineDomain returns dnsDomain, or what follows the first dot of the DNS name:
// alerts before 2024 have no dnsDomain.
func (c *choice) machineDomain() []byte {
	if len(c.device.dnsDomain) > 0 {
		return c.device.dnsDomain
	}
	_, domain, _ := bytes.Cut(c.device.dnsName, []byte{'.'})
	return domain
}

// machineName returns the DNS name up to its first dot, or the host name. The DNS
// name goes first: the case of hostName differs between alerts of one device.
func (c *choice) machineName() []byte {
	if name, _, _ := bytes.Cut(c.device.dnsName, []byte{'.'}); len(name) > 0 {
		return name
	}
	return c.device.hostName
}

// interfaces returns the IPv6 or the IPv4 addresses of the device.
func (c *choice) interfaces(v6 bool) [][]byte {
	var addresses [][]byte
	for _, address := range c.device.interfaces {
		if isIPv6(address) == v6 {
			addresses = append(addresses, address)
		}
	}
	return addresses
}
