package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// copyFolders copies the named folders of one root to another. It ignores missing
// folders.
func copyFolders(from, to string, names []string) error {
	files, err := listFiles(from, names)
	for _, name := range files {
		if err != nil {
			break
		}
		var text []byte
		if text, err = os.ReadFile(filepath.Join(from, name)); err == nil {
			target := filepath.Join(to, name)
			err = errors.Join(os.MkdirAll(filepath.Dir(target), 0o755), os.WriteFile(target, text, 0o600))
		}
	}
	return err
}

// compareFolders returns the differences between two roots, one sentence each.
func compareFolders(here, fresh string, names []string) ([]string, error) {
	old, err := listFiles(here, names)
	if err != nil {
		return nil, err
	}
	made, err := listFiles(fresh, names)
	if err != nil {
		return nil, err
	}
	var differences []string
	for _, name := range made {
		text, err := os.ReadFile(filepath.Join(fresh, name))
		if err != nil {
			return nil, err
		}
		present, err := os.ReadFile(filepath.Join(here, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			differences = append(differences, name+" is missing")
		case err != nil:
			return nil, err
		case !bytes.Equal(text, present):
			differences = append(differences, name+" differs")
		}
	}
	for _, name := range old {
		if !slices.Contains(made, name) {
			differences = append(differences, name+" is no longer generated")
		}
	}
	return differences, nil
}

// listFiles lists the files below the named folders, relative to root, without
// hidden files: terraform init creates such in an example.
func listFiles(root string, names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		err := filepath.WalkDir(filepath.Join(root, name), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case entry.IsDir() && strings.HasPrefix(entry.Name(), "."):
				return filepath.SkipDir
			case !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), "."):
				return nil
			}
			relative, err := filepath.Rel(root, path)
			files = append(files, relative)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}
