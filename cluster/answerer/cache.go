package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

const gigabyte = 1 << 30

// What one mounted source holds, unless a rule says otherwise.
const (
	sourceDirectories = 12
	sourceFiles       = 345
	sourceBytes       = 6789012
)

// cache is a JindoCache namespace as its commands show it.
type cache struct {
	Mounts      map[string]string `json:"mounts"`    // namespace path -> source URI
	CacheSets   string            `json:"cacheSets"` // the file that was applied last
	Formatted   int               `json:"formatted"`
	DiskBytes   float64           `json:"diskBytes"`
	MemoryBytes float64           `json:"memoryBytes"`
}

func failure(format string, values ...any) result {
	return result{stderr: fmt.Sprintf(format, values...) + "\n", exit: 1}
}

func or(value *float64, standard float64) float64 {
	if value != nil {
		return *value
	}
	return standard
}

// run executes one command line. Its output has the shape that the operator depends on; the rest is made up.
func (c *cache) run(argv []string, s sizes, hasFile func(string) bool) result {
	if len(argv) == 0 || argv[0] != "jindocache" && argv[0] != "jindo" {
		return result{stderr: fmt.Sprintf("exec: %q: executable file not found in $PATH\n", strings.Join(argv, " ")), exit: 127}
	}
	if argv[0] == "jindo" {
		return c.fileSystem(argv[1:], s)
	}
	if len(argv) == 1 {
		return failure("usage: jindocache -report | -mount | -unmount | -listCacheSet | -refreshCacheSet | -formatCache | -load")
	}
	switch verb, rest := argv[1], argv[2:]; {
	case verb == "-report" && len(rest) == 0:
		return c.report(s)
	case verb == "-mount" && len(rest) == 0:
		return c.listMounts()
	case verb == "-mount" && len(rest) == 2:
		return c.mount(rest[0], rest[1])
	case verb == "-unmount" && len(rest) == 1:
		return c.unmount(rest[0])
	case verb == "-listCacheSet" && len(rest) == 0:
		return c.listCacheSets()
	case verb == "-refreshCacheSet" && len(rest) == 2 && rest[0] == "-path":
		return c.refreshCacheSets(rest[1], hasFile)
	case verb == "-formatCache" && len(rest) == 0:
		c.DiskBytes, c.MemoryBytes = 0, 0
		c.Formatted++
		return result{}
	case verb == "-load":
		return c.load(rest, s)
	default:
		return failure("jindocache: unknown command or wrong arguments: %s", strings.Join(argv[1:], " "))
	}
}

func (c *cache) report(s sizes) result {
	size := func(bytes float64) string { return fmt.Sprintf("%.2fGB", bytes/gigabyte) }
	lines := []string{
		"Namespace Address: 127.0.0.1:8101", "Rpc Port: 8101", "Started: Sun Mar  1 09:00:00 2026", "Version: 6.2.0",
		"Live Nodes: 3", "Decommission Nodes: 0",
		"Total Disk Capacity: " + size(or(s.DiskTotal, 96*gigabyte)),
		"Used Disk Capacity: " + size(or(s.DiskUsed, c.DiskBytes)),
		"Total MEM Capacity: " + size(or(s.MemoryTotal, 64*gigabyte)),
		"Used MEM Capacity: " + size(or(s.MemoryUsed, c.MemoryBytes)),
	}
	return result{stdout: strings.Join(lines, "\n") + "\n"}
}

func (c *cache) paths() []string {
	paths := make([]string, 0, len(c.Mounts))
	for path := range c.Mounts {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	return paths
}

func (c *cache) listMounts() result {
	var out strings.Builder
	for _, path := range c.paths() {
		fmt.Fprintf(&out, "%s -> %s %s\n", path, path, c.Mounts[path])
	}
	return result{stdout: out.String()}
}

func (c *cache) mount(path, uri string) result {
	if !strings.HasPrefix(path, "/") || !strings.Contains(uri, "://") {
		return failure("Mount failed: bad path %q or URI %q", path, uri)
	}
	if _, exists := c.Mounts[path]; exists {
		return result{stdout: "Mount point already exists\n", exit: 1}
	}
	c.Mounts[path] = uri
	return result{stdout: "Successfully mounted " + uri + " to " + path + "\n"}
}

func (c *cache) unmount(path string) result {
	if _, exists := c.Mounts[path]; !exists {
		return failure("Mount point does not exist: %s", path)
	}
	delete(c.Mounts, path)
	return result{stdout: "Successfully unmounted " + path + "\n"}
}

func (c *cache) listCacheSets() result {
	if c.CacheSets == "" {
		return result{stdout: "no cache set\n"}
	}
	return result{stdout: "name: default, path: " + c.CacheSets + ", cacheStrategy: DISTRIBUTED\n"}
}

func (c *cache) refreshCacheSets(file string, hasFile func(string) bool) result {
	if !hasFile(file) {
		return failure("%s: No such file or directory", file)
	}
	c.CacheSets = file
	return result{}
}

// load puts a path into the cache as `jindocache -load [flags] jindo://PATH` does.
func (c *cache) load(arguments []string, s sizes) result {
	switches, values, uri := map[string]bool{}, map[string]string{}, ""
	for i := 0; i < len(arguments); i++ {
		switch argument := arguments[i]; argument {
		case "-meta", "-data", "-atomic", "-m", "-dryrun", "-f", "-s", "-R":
			switches[argument] = true
		case "-replica", "-thread", "-filter", "-cachelist":
			if i++; i == len(arguments) {
				return failure("jindocache -load: %s needs a value", argument)
			}
			values[argument] = arguments[i]
		default:
			if uri != "" || !strings.HasPrefix(argument, "jindo://") {
				return failure("jindocache -load: unexpected argument %q", argument)
			}
			uri = argument
		}
	}
	found, ok := c.count(uri, s)
	if !ok {
		return failure("load: `%s': No such file or directory", uri)
	}
	replica, err := strconv.Atoi(values["-replica"])
	if err != nil || replica < 1 {
		return failure("jindocache -load: -replica needs a number: %q", values["-replica"])
	}
	if switches["-data"] && !switches["-dryrun"] {
		used, total := &c.DiskBytes, or(s.DiskTotal, 96*gigabyte)
		if switches["-m"] {
			used, total = &c.MemoryBytes, or(s.MemoryTotal, 64*gigabyte)
		}
		*used = min(*used+found.bytes*float64(replica), total)
	}
	return result{stdout: "Successfully loaded " + uri + "\n"}
}

type source struct{ directories, files, bytes float64 }

// count adds up the mounts at or below the path, or the one that holds it.
func (c *cache) count(uri string, s sizes) (source, bool) {
	path := "/" + strings.Trim(strings.TrimPrefix(uri, "jindo://"), "/")
	mounts := 0.0
	for mounted := range c.Mounts {
		if within(path, mounted) || within(mounted, path) {
			mounts++
		}
	}
	return source{
		directories: or(s.Directories, mounts*sourceDirectories),
		files:       or(s.Files, mounts*sourceFiles),
		bytes:       or(s.Bytes, mounts*sourceBytes),
	}, mounts > 0
}

func within(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, strings.TrimSuffix(parent, "/")+"/")
}

// fileSystem answers `jindo fs -count URI` and `jindo fs -ls URI`.
func (c *cache) fileSystem(arguments []string, s sizes) result {
	if len(arguments) != 3 || arguments[0] != "fs" || !strings.HasPrefix(arguments[2], "jindo://") {
		return failure("usage: jindo fs -count | -ls jindo://PATH")
	}
	verb, uri := strings.TrimPrefix(arguments[1], "-"), arguments[2]
	found, ok := c.count(uri, s)
	switch {
	case !ok: // on stdout: the loader script reads the last line of it
		return result{stdout: verb + ": `" + uri + "': No such file or directory\n", exit: 1}
	case verb == "count":
		return result{stdout: fmt.Sprintf("  %.0f  %.0f  %.0f %s\n", found.directories, found.files, found.bytes, uri)}
	case verb == "ls":
		return result{stdout: "Found 1 items\n-rw-r--r--   1 root root  " + fmt.Sprintf("%.0f", found.bytes) + " 2026-03-01 09:00 " + strings.TrimSuffix(uri, "/") + "/data\n"}
	default:
		return failure("jindo fs: unknown command -%s", verb)
	}
}
