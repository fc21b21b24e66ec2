#include "base/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <fmt/format.h>

#include "base/error.h"

extern char** environ;

namespace mote {
namespace {

namespace fs = std::filesystem;

struct Package {
  std::string_view program;
  std::string_view package;
};
constexpr Package kPackages[] = {
    {"arm-none-eabi-gcc", "gcc-arm-none-eabi and libnewlib-arm-none-eabi"},
    {"qemu-system-arm", "qemu-system-arm"},
    {"cc", "gcc"},
    {"sbatch", "slurm-client"},
    {"squeue", "slurm-client"},
    {"scontrol", "slurm-client"},
};

[[noreturn]] void cannot_start(const std::string& program, int error) {
  if (error != ENOENT)
    throw Error(ErrorKind::unsupported, fmt::format("cannot run it: {}", std::strerror(error)),
                program);
  std::string hint = "install it, or name another in the device's file";
  for (const Package& known : kPackages)
    if (known.program == program)
      hint = fmt::format("install the Debian package {}", known.package);
  throw Error(ErrorKind::unsupported, fmt::format("there is no program '{}'", program), {}, hint);
}

struct FileActions {
  posix_spawn_file_actions_t actions;
  FileActions() { posix_spawn_file_actions_init(&actions); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions); }
};

// The exit status, once the process has ended or been killed at the deadline.
int wait_for(pid_t process, std::chrono::steady_clock::time_point deadline, bool& timed_out) {
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(process, &status, timed_out ? 0 : WNOHANG);
    if (ended == process) return status;
    if (ended < 0 && errno != EINTR) throw Error(ErrorKind::internal, std::strerror(errno));
    if (std::chrono::steady_clock::now() >= deadline) {
      timed_out = true;
      kill(process, SIGKILL);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options) {
  const TemporaryDirectory scratch;
  const std::string log = scratch.path() + "/output";
  FileActions files;
  posix_spawn_file_actions_addopen(&files.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files.actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files.actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&files.actions, options.directory.c_str());
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  pid_t process = 0;
  const int error = posix_spawnp(&process, argv[0], &files.actions, nullptr, argv.data(), environ);
  if (error != 0) cannot_start(arguments[0], error);
  ProcessResult result;
  const int status =
      wait_for(process, std::chrono::steady_clock::now() + options.time_limit, result.timed_out);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::ifstream stream(log, std::ios::binary);
  result.output.assign(std::istreambuf_iterator<char>(stream), {});
  return result;
}

std::string version_of(const std::string& program) {
  const std::string said = run_process({program, "--version"}).output;
  return said.substr(0, said.find('\n'));
}

TemporaryDirectory::TemporaryDirectory() {
  std::error_code error;
  std::string pattern = (fs::temp_directory_path(error) / "mote-XXXXXX").string();
  if (error || mkdtemp(pattern.data()) == nullptr)
    throw Error(ErrorKind::usage,
                fmt::format("no room for temporary files: {}",
                            error ? error.message() : std::strerror(errno)),
                pattern, "TMPDIR names their folder");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace mote
