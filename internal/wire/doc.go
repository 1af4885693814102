// Package wire writes the list of alerts in the form of Terraform's plugin
// protocol: MessagePack, with a map of attributes for each detection.
//
// The plugin framework itself creates four values for each of half a
// million attributes, and takes longer than Terraform core needs for the whole
// list. [AppendAlert] instead encodes an alert while the response is read, and
// [Insert] puts the finished list into the object that the framework made of the
// other attributes. A test of package provider compares both ways on random
// responses.
//
// The package does not import the plugin libraries.
package wire
