// Package graph reads the alerts of Microsoft Graph security: pages of
//
//	GET {endpoint}/v1.0/security/alerts_v2
//
// It follows Microsoft's pages "List alerts_v2", "alert resource type" and
// "alertEvidence resource type", and for the choice of attributes "Migrate from the
// MDE SIEM API".
//
// # Alerts
//
// A response is one page of alerts, which [records.Page] reads strictly and one
// alert at a time. An alert is one detection: a member of the alert, or of a piece
// of its evidence, for each field of the SIEM API that has a counterpart, and null
// for the others. The table mapping has a line for each field. The rest of the
// alert that is worth an attribute is the detection's triage; other members go to
// its additional ones.
//
// An alert has at least id, severity and lastUpdateDateTime. Its identity is the
// id: of several versions of an alert in one read only one counts. Half of a
// surrogate pair is an error in id and severity, and U+FFFD elsewhere. A mapped
// member of another type is an error.
//
// Severities are spelled as the SIEM API does, and so are the sources EDR and
// Antivirus ([SourceWord]). Any other text of an enumeration is kept as sent:
// Microsoft adds members, and has sent numbers as text.
//
// # Evidence
//
// Evidence is a list of objects of different types, told apart by @odata.type. Six
// types are read, wherever @odata.type stands in the object; all others, including
// those unknown today, are skipped. The evidence does not say what an attribute
// such as command_line should show, so this package chooses:
//
//   - The device is the first with the role PrimaryDevice, or its older name Main
//     device; without one the first that has an ID, then the first.
//   - The process is the first on that device, or on any if it has none, that is not
//     the parent of another process: the evidence often begins with the parents,
//     such as a shell that a user opened. Repeated processes count once.
//   - The file is the first of the file evidence that is not only referred to in a
//     command line; without one the image of the process, then the first file. Name,
//     folder and hashes are of that one file.
//   - The user is the first of the user evidence, without one the account of the
//     process. Name and domain are of one account.
//
// An alert without evidence is a detection whose fields are null. An alert has at
// most 4,096 pieces of evidence that are read, and 65,536 elements of lists.
//
// # Complete reads
//
// The list of alerts moves: an alert that is updated, for example because its incident
// is closed, gets a new lastUpdateDateTime and with it another place. Pages that follow
// one another by position then skip alerts, and nothing shows it. So [Client.Read]
// makes a read of slices of lastUpdateDateTime that are each complete in one response,
// which is one state of the list:
//
//   - A response is complete if it has no link to a next page, fewer alerts than
//     requested, and as many as @odata.count says. Microsoft does not document
//     what $count counts, so a request for nothing tells whether it can be used.
//   - A slice whose response is not complete is divided by time, where the response
//     and the count say that the alerts are, and its parts are requested, four at a time.
//   - A slice that cannot be divided, of alerts of one instant, is read by the links,
//     until the count, or a second pass, proves that nothing moved.
//   - The newest slice has no end and is read last, in one response: an alert that
//     was updated since the read began is in it. If it needs several, there is another
//     round, five at most.
//
// With an end of the window, an alert that was updated during the read is no longer in
// the window. It counts if it was seen there, and also, with a warning, if it was created
// before the end.
//
// Whatever else comes is an error, and the read has no result: a link that leads
// elsewhere, an alert outside the slice, a warning that a product is missing. The
// budget of bytes, the timeout and the one renewal of the token are those of the whole
// read; retries are those of a request. A [Pacer] keeps requests below the service's limit.
package graph
