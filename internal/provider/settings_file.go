package provider

// maxFile is more than any secret or ID needs, in bytes, and maxAuthorities more than
// the certificate authorities of any system.
const (
	maxFile        = 64 << 10
	maxAuthorities = 4 << 20
)

// unreadable is the detail of a file that cannot be read.
func unreadable(path candidate, problem error) string {
	return "The file that " + path.origin + " names cannot be read: " + problem.Error() + ". Check the path and who may read it."
}
