package tokenfile

// Prepare is the part of Write before the file is replaced.
func Prepare(path string, f File) (temporary string, err error) { return prepare(path, f) }

// Problem is problem.
var Problem = problem
