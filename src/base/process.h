// Other programs, run by argument vector (never through a shell), with a time limit.
// Tested by process_test.cc.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace mote {

struct ProcessOptions {
  std::string directory = ".";           // where it runs
  std::chrono::seconds time_limit{300};  // after which it is killed
};

struct ProcessResult {
  int exit_code = 0;  // 128 + signal where one ended it
  bool timed_out = false;
  std::string output;  // standard output and error, as they came
};

// Throws Error{unsupported} that names the Debian package where there is no such program.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options = {});

// The first line of what a program says to --version: "QEMU emulator version 7.2.9 (...)". Throws
// as run_process does.
std::string version_of(const std::string& program);

// A new directory that disappears with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace mote
