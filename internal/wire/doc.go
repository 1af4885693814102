// Package wire writes the list of alerts in the form of Terraform's plugin
// protocol: MessagePack, with a map of attributes for each alert.
//
// The plugin framework's own way goes through four values for each of half a
// million attributes, and takes longer than Terraform core needs for the whole
// list. [AppendAlert] instead encodes an alert while the response is read, and
// [Insert] puts the finished list into the object that the framework made of the
// other attributes. A test of package provider compares both ways on random
// responses.
//
// The package knows alerts and MessagePack, and nothing of the plugin libraries.
package wire
