package fakeapi

// company is a fictitious organisation, one per tenant.
type company struct {
	domain  string // DNS domain of its machines
	netbios string
}

var companies = [...]company{
	{"corp.halvorsen-pike.example", "halvorsen"},
	{"ad.meridianfoods.example", "meridian"},
	{"int.lumiere-textiles.example", "lumiere"},
	{"kestrelbay.example", "kestrelbay"},
}

// machine is a device. Lists have the service's form, one string with either of its
// two separators.
type machine struct {
	name       string
	unjoined   bool // joined to Entra ID only: no domain, a bare host name
	ipv4, ipv6 string
	group      string
	deviceTag  string // from the registry
	cloudTags  string // from the portal
	users      []string
}

var machines = [...]machine{
	{name: "uk-lon-lt-0147", group: "UKMachines", deviceTag: "Finance", cloudTags: "VIP",
		ipv4: "10.21.4.17;127.0.0.1", ipv6: "2001:db8:21:4::11;fe80::8d2c:41ff:fe09:17ab;::1",
		users: []string{"amelia.ward"}},
	{name: "uk-lon-lt-0152", group: "UKMachines",
		ipv4: "10.21.4.33;127.0.0.1", ipv6: "fe80::5c1e:9aff:fe62:80d4;::1",
		users: []string{"tom.okafor"}},
	{name: "uk-man-ws-0031", group: "UKMachines", deviceTag: "Engineering",
		ipv4: "10.22.0.131, 192.168.56.1", ipv6: "2001:db8:22::83, fe80::1c4b:b2ff:fe70:3319",
		users: []string{"priya.raman", "admin.priya"}},
	{name: "fr-par-lt-0088", group: "FranceMachines", cloudTags: "VIP",
		ipv4: "10.33.8.20;127.0.0.1", ipv6: "2001:db8:33:8::14;::1",
		users: []string{"rené.lefèvre"}},
	{name: "fr-lyo-ws-0012", group: "FranceMachines", deviceTag: "Engineering",
		ipv4: "10.34.1.12", ipv6: "",
		users: []string{"chloe.garnier", "svc-build"}},
	{name: "jp-tyo-lt-0009", group: "Japan Machines",
		ipv4: "10.81.2.9;172.20.10.2;127.0.0.1", ipv6: "2001:db8:81:2::9;fe80::a0b3:ccff:fe11:2e5d;::1",
		users: []string{"田中.健"}},
	{name: "srv-dc-01", group: "Servers", cloudTags: "Tier0;Domain controllers",
		ipv4: "10.1.0.10, 10.1.0.11", ipv6: "2001:db8:1::a, 2001:db8:1::b",
		users: []string{"adm-t0-ines"}},
	{name: "srv-sql-02", group: "Servers", deviceTag: "PCI", cloudTags: "PCI",
		ipv4: "10.1.0.42;127.0.0.1", ipv6: "2001:db8:1::2a;::1",
		users: []string{"svc-sql", "adm-jonas"}},
	{name: "srv-file-03", group: "Servers",
		ipv4: "10.1.0.53;127.0.0.1", ipv6: "::1"},
	{name: "srv-web-04", group: "Servers", deviceTag: "PCI", cloudTags: "Internet facing",
		ipv4: "10.1.9.4, 203.0.113.24", ipv6: "2001:db8:1:9::4, fe80::250:56ff:fe8a:1d02",
		users: []string{"svc-iis"}},
	{name: "de-ber-build-7", group: "Build agents", deviceTag: "Engineering", cloudTags: "Ephemeral",
		ipv4: "10.49.3.7", ipv6: "2001:db8:49:3::7",
		users: []string{"svc-build"}},
	{name: "kiosk-lobby", unjoined: true, deviceTag: "Kiosk",
		ipv4: "192.168.88.14;127.0.0.1", ipv6: "fe80::dc7a:3cff:fe55:9b01;::1",
		users: []string{"visitor"}},
	{name: "tablet-warehouse-2", unjoined: true, group: "Unassigned", cloudTags: "Warehouse",
		ipv4: "192.168.90.52", ipv6: ""},
}
