// Package platforms holds the files that platforms read against what those platforms
// take and what this program offers: a typing error in one of them shows up in a
// deployment otherwise, and nowhere else.
//
//	go test -modfile=.ci/tools.mod ./.ci/platforms
package platforms

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const root = "../.."

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// variables are the settings that the program reads: a test keeps README's table of
// them complete.
func variables(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)`").FindAllStringSubmatch(read(t, "README.md"), -1) {
		names = append(names, row[1])
	}
	if len(names) < 20 {
		t.Fatalf("README.md's table of variables is not found: %v", names)
	}
	return names
}

// wantPinned refuses an image whose version is left to the day of the build.
func wantPinned(t *testing.T, image string) {
	t.Helper()
	if name, tag, _ := strings.Cut(image, ":"); !regexp.MustCompile(`^\d`).MatchString(tag) {
		t.Errorf("%s is not pinned to a version: %q", name, tag)
	}
}

// composed is compose.yaml as an engine reads it where nothing is set.
func composed(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")}, cli.WithInterpolation(true), cli.WithNormalization(true), cli.WithConsistency(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatalf("compose.yaml is refused: %v", err)
	}
	return project
}

func TestComposeFileStartsInOrderAndExposesTheWebAlone(t *testing.T) {
	conditions := map[string]string{ // who waits for whom, until when
		"web db": "service_healthy", "web redis": "service_healthy", "web settings": "service_completed_successfully",
		"worker web": "service_healthy",
	}
	for name, service := range composed(t).Services {
		if name != "web" && len(service.Ports) > 0 {
			t.Errorf("%s is reached from outside", name)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s is reached from other machines, without TLS", name)
			}
		}
		for other, dependency := range service.DependsOn {
			if want := conditions[name+" "+other]; dependency.Condition != want {
				t.Errorf("%s waits for %s until %s, want %q", name, other, dependency.Condition, want)
			}
			delete(conditions, name+" "+other)
		}
	}
	if len(conditions) > 0 {
		t.Errorf("nobody waits for %v", conditions)
	}
}

func TestComposeFileRunsTheProgramLockedIn(t *testing.T) {
	known := variables(t)
	for name, service := range composed(t).Services {
		if service.Build == nil {
			wantPinned(t, service.Image)
			continue
		}
		wantCommand(t, service.Command)
		if !service.ReadOnly || !slices.Contains(service.CapDrop, "ALL") || !slices.Contains(service.SecurityOpt, "no-new-privileges:true") || service.User != "" {
			t.Errorf("%s may do more than it needs", name)
		}
		for variable := range service.Environment {
			if !slices.Contains(known, variable) {
				t.Errorf("%s gets %s, which the program does not read", name, variable)
			}
		}
	}
}

// wantCommand refuses a command line that the program does not know.
func wantCommand(t *testing.T, args []string) {
	t.Helper()
	out, err := exec.Command(build(t)+"/bin/digitalpath", append(slices.Clone(args), "--help")...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "digitalpath "+args[0]) {
		t.Errorf("the program does not know %v: %v\n%s", args, err, out)
	}
}

// railway is the part of Railway's schema that is used here. Seconds are numbers: its
// parser refuses the strings of its own examples.
type railway struct {
	Schema string `json:"$schema"`
	Build  struct {
		Builder        string `json:"builder"`
		DockerfilePath string `json:"dockerfilePath"`
	} `json:"build"`
	Deploy struct {
		StartCommand            string `json:"startCommand"`
		HealthcheckPath         string `json:"healthcheckPath"`
		HealthcheckTimeout      int    `json:"healthcheckTimeout"`
		RestartPolicyType       string `json:"restartPolicyType"`
		RestartPolicyMaxRetries int    `json:"restartPolicyMaxRetries"`
		OverlapSeconds          int    `json:"overlapSeconds"`
		DrainingSeconds         int    `json:"drainingSeconds"`
	} `json:"deploy"`
}

func TestRailwayFilesStartWhatTheImageHolds(t *testing.T) {
	for name, probe := range map[string]string{"railway.json": "/readyz", "railway.worker.json": ""} {
		var service railway
		decoder := json.NewDecoder(strings.NewReader(read(t, name)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&service); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		command := strings.Fields(service.Deploy.StartCommand)
		if len(command) != 2 || command[0] != dockerfile(t).entrypoint[0] {
			t.Fatalf("%s starts %q, which the image does not hold", name, service.Deploy.StartCommand)
		}
		wantCommand(t, command[1:])
		if _, err := os.Stat(filepath.Join(root, service.Build.DockerfilePath)); err != nil || service.Build.Builder != "DOCKERFILE" {
			t.Errorf("%s builds with %s of %q: %v", name, service.Build.Builder, service.Build.DockerfilePath, err)
		}
		if service.Deploy.HealthcheckPath != probe || (probe == "") != (service.Deploy.HealthcheckTimeout == 0) {
			t.Errorf("%s is asked at %q for %d s, want %q", name, service.Deploy.HealthcheckPath, service.Deploy.HealthcheckTimeout, probe)
		}
		if service.Deploy.RestartPolicyType != "ON_FAILURE" || service.Deploy.DrainingSeconds <= 10 {
			t.Errorf("%s: restarts %s, and has %d s for an orderly end that takes up to 10", name, service.Deploy.RestartPolicyType, service.Deploy.DrainingSeconds)
		}
	}
}

func TestProcfileStartsWhatMakeBuilds(t *testing.T) {
	lines := regexp.MustCompile(`(?m)^(web|worker): bin/digitalpath (\w+)\n`).FindAllStringSubmatch(read(t, "Procfile"), -1)
	if len(lines) != 2 || strings.Count(read(t, "Procfile"), "\n") != 2 {
		t.Fatalf("Procfile does not name one web and one worker: %v", lines)
	}
	for _, line := range lines {
		wantCommand(t, line[2:])
	}
}

// maxExposure is systemd's own measure of what a service could do, from 0 to 100.
const maxExposure = "20"

func TestSystemdUnitsAreValidAndLockedIn(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	units, err := filepath.Glob(root + "/deploy/*.service")
	if err != nil || len(units) != 2 {
		t.Fatalf("units: %v %v", units, err)
	}
	for _, unit := range units {
		text := read(t, filepath.Join("deploy", filepath.Base(unit)))
		start := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/digitalpath (\w+)$`).FindStringSubmatch(text)
		if start == nil {
			t.Fatalf("%s starts something else", unit)
		}
		wantCommand(t, start[1:])
		here := filepath.Join(t.TempDir(), filepath.Base(unit)) // with a program that is there
		text = strings.Replace(text, "/usr/local/bin/digitalpath", build(t)+"/bin/digitalpath", 1)
		if err := os.WriteFile(here, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("systemd-analyze", "verify", here).CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
		if out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold="+maxExposure, here).CombinedOutput(); err != nil {
			t.Errorf("%s may do more than it needs: %v\n%s", unit, err, out)
		}
	}
}
