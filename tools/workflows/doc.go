// Package workflows tests the workflows of this repository and their scripts. GitHub
// runs them only after a change is pushed, and the release only with a tag.
package workflows
