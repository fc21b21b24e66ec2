// A Slurm cluster of three nodes that lives as long as the object: tests/support/slurm_cluster.sh,
// and what its commands say.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/places.h"

namespace mote::testing {

// What a command prints.
inline std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> piece;
  while (pipe && std::fgets(piece.data(), piece.size(), pipe)) text += piece.data();
  if (pipe) ::pclose(pipe);
  return text;
}

// Why there can be no cluster here; empty where there can.
inline std::string no_slurm_because() {
  if (::getuid() != 0) return "needs root";
  if (std::system("for c in munged slurmctld slurmd sbatch unshare setpriv; do "
                  "command -v $c >/dev/null || exit 1; done") != 0)
    return "needs Slurm: the packages munge, slurmctld, slurmd and slurm-client";
  if (std::system("unshare --pid --fork --mount-proc true 2>/dev/null") != 0)
    return "needs process namespaces";
  return {};
}

class SlurmCluster {
 public:
  // `folder`: an empty one.
  explicit SlurmCluster(const std::string& folder) {
    int input[2], output[2];
    if (::pipe(input) != 0 || ::pipe(output) != 0) std::abort();
    const std::string program = source_path("tests/support/slurm_cluster.sh");
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(input[0], STDIN_FILENO);
      ::dup2(output[1], STDOUT_FILENO);
      ::dup2(output[1], STDERR_FILENO);
      for (const int end : {input[0], input[1], output[0], output[1]}) ::close(end);
      ::execl(program.c_str(), "slurm_cluster.sh", folder.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(input[0]);
    ::close(output[1]);
    commands_ = input[1];
    ::fcntl(commands_, F_SETFD, FD_CLOEXEC);
    for (char byte; !ready_ && ::read(output[0], &byte, 1) == 1;) {
      said_.push_back(byte);
      ready_ = said_.ends_with("ready\n");
    }
    ::close(output[0]);
    ::setenv("SLURM_CONF", (folder + "/slurm.conf").c_str(), 1);
  }
  ~SlurmCluster() {
    ::close(commands_);  // which ends it
    ::waitpid(process_, nullptr, 0);
    ::unsetenv("SLURM_CONF");
  }
  SlurmCluster(const SlurmCluster&) = delete;
  SlurmCluster& operator=(const SlurmCluster&) = delete;

  bool ready() const { return ready_; }
  const std::string& said() const { return said_; }  // where it is not
  // The node dies at once, with all that runs on it.
  void kill_node(const std::string& name) {
    const std::string command = "kill " + name + "\n";
    EXPECT_EQ(::write(commands_, command.data(), command.size()),
              static_cast<ssize_t>(command.size()));
  }

 private:
  pid_t process_ = 0;
  int commands_ = -1;
  bool ready_ = false;
  std::string said_;
};

}  // namespace mote::testing
